"""Services as OAuth clients: who is one, and with which address. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from gateway import forms
from gateway.clients import Client, bound, service_client
from gateway.routes import service_url
from gateway.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is said of a service's OAuth, in the settings or by the API; "" is what follows from its name."""

    client_id: str = ""
    redirect_uri: str = ""
    scopes: Collection[str] = ()
    no_confirm: bool = False


def of_settings(service: ServiceSettings) -> Wanted:
    return Wanted(
        service.oauth_client_id,
        service.oauth_redirect_uri,
        service.oauth_client_allowed_scopes,
        service.oauth_no_confirm,
    )


def checked(wanted: Wanted) -> Wanted:
    """In the forms that the settings take, too; `ValueError` with what was expected."""
    return Wanted(
        forms.client_id(wanted.client_id),
        forms.redirect_uri(wanted.redirect_uri),
        tuple(forms.client_scope(scope) for scope in dict.fromkeys(wanted.scopes)),
        wanted.no_confirm,
    )


def of_service(base: str, name: str, url: str, wanted: Wanted) -> Client | None:
    """Its client; None for a service that no browser visits."""
    if not (url or wanted.redirect_uri or wanted.client_id):
        return None
    client = Client(
        id=wanted.client_id or service_client(name),
        redirect_uri=wanted.redirect_uri or f"{service_url(base, name)}oauth_callback",
        no_confirm=wanted.no_confirm,
        description=f"Service {name}",
        service=name,
    )
    return replace(client, scopes=bound(wanted.scopes, client))
