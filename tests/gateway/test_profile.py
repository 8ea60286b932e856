"""Profiles are found where plugins look for values. What their options mean is told by `test_options.py`."""

from __future__ import annotations

from gateway import model, profile


def test_they_are_values_of_the_model() -> None:
    assert model.Option is profile.Option
    assert model.Choice is profile.Choice
    assert model.Profile is profile.Profile


def test_a_field_needs_a_name_a_type_and_a_label() -> None:
    option = profile.Option("x", "number", "X")
    assert (option.min, option.max, option.step, option.required, option.choices) == (None, None, 1, False, ())
