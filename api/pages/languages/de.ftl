# Was die Seiten auf Deutsch sagen. Die Reihenfolge ist die von en.ftl.

# ── around the content ──────────────────────────────────────────────────────

skip = Zum Inhalt springen
navigation = Konto
nav-home = Übersicht
nav-logout = Abmelden
home = Übersicht
back = Zurück
cancel = Abbrechen
start = Starten
just-now = gerade eben
my-server = Mein Server
the-server = Der Server
server-of = Ein Server von { $owner }

# ── home ────────────────────────────────────────────────────────────────────

home-title = Meine Server
state-stopped = Gestoppt
state-starting = Startet
state-ready = Läuft
state-stopping = Stoppt
started = gestartet { $ago }
last-used = zuletzt benutzt { $ago }
open = Öffnen
stop = Stoppen
remove = Entfernen
show-progress = Fortschritt zeigen
what-happened = Was ist geschehen?
open-server = { $server } öffnen
stop-server = { $server } stoppen
start-server = { $server } starten
remove-server = { $server } entfernen
cancel-server = Start von { $server } abbrechen
progress-of-server = Fortschritt von { $server }
what-happened-to-server = Was ist mit { $server } geschehen?
another-server = Noch ein Server
another-server-example = Name
another-server-rule = a–z, 0–9 und einzelne Bindestriche; beginnt mit einem Buchstaben, höchstens 30 Zeichen
set-up = Einrichten
services = Dienste
service-down = Antwortet im Augenblick nicht

# ── start ───────────────────────────────────────────────────────────────────

spawn-title = Einen Server starten
spawn-server = { $server } starten
spawn-mine = Meinen Server starten
spawn-nothing = Hier gibt es nichts, was gestartet werden darf. Das kann die Verwaltung ändern.
spawn-everything = Alles, was gestartet werden kann
spawn-form-wrong = Etwas im Formular muss berichtigt werden.

# ── progress, and what has stopped ──────────────────────────────────────────

starting-title = Startet
is-starting = { $server } startet
progress = Fortschritt
server-requested = Server angefordert
queue-position = Nummer { $position } in der Warteschlange
so-far = Was bisher geschah
goes-on = Diese Seite geht von selbst zum Server weiter.
stopping-title = Stoppt
is-stopping = { $server } wird gestoppt
again-soon = Gleich kann er wieder gestartet werden.
failed-title = Start misslungen
could-not-start = { $server } konnte nicht starten
stopped-title = Läuft nicht
is-not-running = { $server } läuft nicht
log-tail = Die letzten Zeilen seines Protokolls
choose-start = Wählen, was startet
try-again = Noch einmal versuchen

# ── log-out ─────────────────────────────────────────────────────────────────

logout-title = Abmelden
logout-question = Abmelden?
logout-why = Ein Verweis auf einer anderen Website führte hierher. Sie sind noch angemeldet; es ist nichts geschehen.
logout-stay = Angemeldet bleiben

# ── errors ──────────────────────────────────────────────────────────────────

error-400 = Das ist nicht zu verstehen
error-403 = Das dürfen Sie nicht benutzen
error-404 = Hier ist nichts
error-405 = Das geht hier nicht
error-409 = Gerade jetzt nicht
error-413 = Das ist zu groß
error-415 = Das lässt sich nicht lesen
error-429 = Zu viel auf einmal
error-503 = Im Augenblick nicht verfügbar
error-other = Etwas ist schiefgegangen
error-ours = Der Fehler liegt bei uns und ist festgehalten.
error-reference = Die Verwaltung findet ihn unter dieser Nummer:
login = Anmelden

# ── the API's page ──────────────────────────────────────────────────────────

docs-title = Die API
docs-as = Als
docs-sends = Gesendet wird
docs-shapes = Formen
