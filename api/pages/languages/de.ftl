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
ends-idle = Er wird { $when } gestoppt, weil ihn eine Weile niemand benutzt hat. Offene Seiten zählen nicht.
ends-age = Er wird { $when } gestoppt: kein Server darf länger als { $limit } laufen. Sichern Sie Ihre Arbeit.
keep = Weiterlaufen lassen
keep-server = { $server } weiterlaufen lassen
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
more = Mehr
more-of-server = Mehr zu { $server }
restart = Neu starten
restart-server = { $server } neu starten
rename = Umbenennen
rename-server = { $server } umbenennen
rename-label = Name für Menschen
done-renamed = Er hat seinen neuen Namen.
shared-with-me = Mit mir geteilt
server-of-owner = { $server } von { $owner }
for-looking = nur zum Ansehen
shared-until = endet { $until }

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

# ── navigation and common words ─────────────────────────────────────────────

admin = Verwaltung
tokens = Tokens
account = Konto
account-of = Konto von { $user }
user = Person
user-name = Benutzername
users-all = Alle
users-active = Mit laufendem Server
users-inactive = Ohne laufenden Server
server = Server
servers = Server
default-server = Standard
service = Dienst
profile = Profil
state = Zustand
since = Gestartet
last-activity = Zuletzt aktiv
actions = Aktionen
groups = Gruppen
group = Gruppe
roles = Rollen
routes = Routen
gateway = Gateway
kind = Art
address = Adresse
process = Prozess
path = Pfad
target = Ziel
log = Protokoll
search = Suchen
reload = Neu laden
show = Zeigen
order = Sortiert nach
order-name = Name
order-last-activity = letzter Aktivität
order-id = Alter
add = Hinzufügen
save = Speichern
copy = Kopieren
copied = Kopiert
made = Angelegt
used = Zuletzt benutzt
expires = Endet
never = nie
nothing = nichts
administrator = Verwaltung
disabled = ausgesperrt
pages = Seiten
pages-of = { $first }–{ $last } von { $total }
previous = Zurück
next = Weiter
log-title = Protokoll von { $server }
log-of = Protokoll von { $server } von { $user }
stop-of = { $server } von { $user } stoppen
start-of = { $server } von { $user } starten
open-of = { $server } von { $user } öffnen

# ── tokens ──────────────────────────────────────────────────────────────────

tokens-title = API-Tokens
tokens-lead = Programme benutzen die API mit einem Token statt eines Passworts. Geben Sie jedem Programm ein eigenes, das nicht mehr darf als nötig.
tokens-list = Ihre Tokens
tokens-none = Sie haben keine Tokens.
token-new = Neues Token
token-make = Token anlegen
token-note = Wofür ist es?
token-note-example = Sicherungsskript
token-no-note = (ohne Notiz)
token-lasts = Wie lange gilt es?
lasts-hour = eine Stunde
lasts-day = einen Tag
lasts-week = eine Woche
lasts-month = 30 Tage
lasts-year = ein Jahr
lasts-never = unbegrenzt
token-may = Was es darf
token-all = Alles, was ich darf
token-some = Nur dies:
token-more = Weitere Scopes, durch Leerzeichen getrennt
token-made = Ihr neues Token
token-once = Kopieren Sie es jetzt: Es wird nicht noch einmal gezeigt.
revoke = Widerrufen
revoke-token = { $note } widerrufen
scope-access-servers = Server benutzen
scope-servers = Server starten und stoppen und ihre API benutzen
scope-read-users = Das Konto lesen
scope-users-activity = Aktivität melden
scope-tokens = Tokens anlegen und widerrufen
scope-shares = Server teilen
scope-read-shares = Freigaben sehen
scope-users-shares = Geteiltes sehen und verlassen
scope-read-servers = Server sehen
scope-start-servers = Server starten
scope-delete-servers = Server stoppen
scope-read-tokens = Tokens sehen
scope-access-services = Dienste benutzen
scope-read-users-name = Den Namen lesen
scope-read-users-groups = Die Gruppen lesen
scope-read-users-activity = Sehen, wann das Konto zuletzt benutzt wurde
scope-read-users-shares = Sehen, was mit dem Konto geteilt wurde
done-token-revoked = Das Token ist widerrufen.

# ── account ─────────────────────────────────────────────────────────────────

account-title = Mein Konto
sessions = Angemeldet
device-unknown = Unbekannter Browser
this-browser = dieser Browser
logged-in = Angemeldet
seen = Zuletzt gesehen
end-session = { $device } abmelden
logout-everywhere = Überall abmelden
done-session-ended = Jener Browser ist abgemeldet.

# ── administration ──────────────────────────────────────────────────────────

admin-servers = Server
admin-servers-title = Server, die gerade laufen
search-servers = Person oder Server
servers-none = Kein Server läuft.
servers-none-found = Kein laufender Server heißt so oder gehört einer Person dieses Namens.
servers-running = Laufende Server
admin-users = Personen
search-users = Name
users-none = So heißt niemand.
users-new = Neue Personen
users-names = Namen, einer je Zeile oder durch Kommas getrennt
users-make = Anlegen
done-users-made = Angelegt. Anmelden können sie sich, sobald ein Anmeldeverfahren sie kennt.
done-user-removed = Die Person ist entfernt.
what-can-be-done = Was man tun kann
act-disable = Aussperren
act-enable = Wieder einlassen
act-make-admin = Zur Verwaltung machen
act-unmake-admin = Aus der Verwaltung nehmen
act-end-sessions = Überall abmelden
act-revoke-tokens = Alle Tokens widerrufen
act-remove = Person entfernen
sure-remove = { $user } und alles, was Hubgate von ihr aufbewahrt, entfernen?
sure-make-admin = { $user } zur Verwaltung machen?
sure-password = Das lässt sich nicht einfach zurücknehmen. Geben Sie noch einmal Ihr eigenes Passwort ein.
your-password = Ihr Passwort
done-disable = Ausgesperrt: Sitzungen, Tokens und Verbindungen sind beendet.
done-enable = Wieder eingelassen.
done-make-admin = Gehört jetzt zur Verwaltung.
done-unmake-admin = Gehört nicht mehr zur Verwaltung.
done-end-sessions = Überall abgemeldet.
done-revoke-tokens = Alle Tokens sind widerrufen.
groups-none = Es gibt noch keine Gruppe.
group-new = Neue Gruppe
group-make = Gruppe anlegen
group-remove = Gruppe entfernen
members = Mitglieder
members-none = Niemand ist in dieser Gruppe.
members-add = Personen hinzufügen, durch Kommas getrennt
members-more = … und { NUMBER($count) } weitere
member-take = { $user } aus der Gruppe nehmen
done-group-made = Die Gruppe ist angelegt.
done-group-removed = Die Gruppe ist entfernt.
done-members-changed = Die Mitglieder sind geändert.
services-lead = Dienste werden in der Einstellungsdatei oder mit der API eingerichtet.
services-none = Es gibt keine Dienste.
service-managed = vom Gateway gestartet
service-external = unter einer Adresse
service-up = antwortet
service-unknown = nicht geprüft
roles-lead = Rollen werden in der Einstellungsdatei eingerichtet.
role-holders = Vergeben an
holder-group = Gruppe { $name }
holder-service = Dienst { $name }
route-new = Neue Route
route-for = Für
route-authenticated = alle, die angemeldet sind
route-admin = die Verwaltung
route-public = alle
route-of-hub = der Hub
route-of-server = der Server einer Person
route-of-service = ein Dienst
route-of-custom = von der Verwaltung angelegt
route-remove = { $path } entfernen
done-route-made = Die Route gilt.
done-route-removed = Die Route ist entfernt.
workers = Worker
worker = Worker { $name }, Prozess { $pid }
connected-since = verbunden { $ago }
workers-none = Kein Worker ist verbunden.
queue = Warteschlange
queue-empty = Nichts wartet darauf zu starten.
announcement = Ankündigung
announcement-text = Steht auf jeder Seite; leer lassen für keine
announcement-until = Bis (UTC), oder leer lassen
starts = Starts
starts-on = Server dürfen gestartet werden
starts-off = Keine neuen Starts
starts-reason = Warum nicht, für alle, die es versuchen
done-gateway-told = Gespeichert.

# ── Verkehr und Protokoll ───────────────────────────────────────────────────

visits = Wer in Ihren Servern war
visit = { $who } war in { $server }
visits-hint = Andere als Sie, in den letzten 30 Tagen.
as-administrator = als Verwaltung
traffic = Verkehr
traffic-server = Server
traffic-path = Pfad
traffic-method = Methode
traffic-status = Status
traffic-slower = Langsamer als (s)
traffic-lane = Spur
traffic-look = Neu ansehen
traffic-newest = Bisher { $number } Anfragen
traffic-lost = { NUMBER($count) } gingen verloren
traffic-pause = Anhalten
traffic-live = Läuft
traffic-paused = Angehalten
traffic-missed = nicht gezeigt:
traffic-gone = Die Verbindung ist unterbrochen; es wird neu versucht.
traffic-time = Zeit (UTC)
traffic-took = Dauer
traffic-sent = Bytes
traffic-none = Keine solche Anfrage steht im Protokoll.
traffic-hint = Eine Anfrage erscheint, wenn sie zu Ende ist, ein WebSocket, wenn er geschlossen ist. Geheimes in Pfaden ist durch einen Strich ersetzt.
captures = Aufzeichnungen
audit = Protokoll
audit-gateway = das Gateway
audit-actor = Wer
audit-action = Was
audit-subject = Wem oder woran
audit-detail = Mehr
audit-number = Nummer
audit-export = Alles herunterladen
audit-none = Nichts dergleichen steht im Protokoll.
audit-newest = Neueste
audit-older = Ältere
audit-hint = Jede Zeile ist mit der vorigen verkettet; der Befehl „hubgate audit verify“ findet eine, die geändert oder entfernt wurde.
