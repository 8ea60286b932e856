"""The HTML pages: for each a handler, a frozen Context and a template.

rendering      `Renderer`: a Context becomes an answer, with its headers
assets         the files below `/hub/static/`, from memory
words          texts from outside made fit to show; times in words
login, logout, home, spawn, pending, stop, failure   one page each
templates/     Jinja2, escaped by default; nothing inline: no script, no style
static/        one style sheet, one script, the mark

A Context holds plain values only. A test compares its fields with the names that
its template uses, so neither can drift.
"""
