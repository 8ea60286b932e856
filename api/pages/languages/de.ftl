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
expected = Hält von selbst an
expected-idle = { $when }, wenn ihn bis dahin niemand benutzt
expected-age = { $when }, ob ihn jemand benutzt oder nicht
share-server = { $server } teilen
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
presets = Vorlagen
preset-keep = Als Vorlage aufheben
preset-name = Name
preset-remove = Die Vorlage { $preset } entfernen
preset-gone = { $profile } (kann nicht mehr gestartet werden)
start-from = { $preset } starten
start-server-from = { $server } nach { $preset } starten
done-preset-kept = Die Vorlage ist aufgehoben.
done-preset-removed = Die Vorlage ist entfernt.
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
advice = Was Sie versuchen können
advice-log = Lesen Sie das Ende des Protokolls oben: oft steht dort, was fehlt.
advice-no-log = Er hat nichts in sein Protokoll geschrieben.
advice-whole-log = Das ganze Protokoll ansehen
advice-other = Wählen Sie anderes zum Starten oder andere Angaben: weniger Speicher, eine andere Umgebung.
advice-tell = Wenn es wieder scheitert, sagen Sie der Verwaltung, was hier steht; das Protokoll des Gateways weiß vielleicht mehr.
log-empty = Noch ist nichts geschrieben.
start-again = Wieder starten
ended = Er wurde { $ago } beendet.
ended-by = { $who } hat ihn { $ago } angehalten.
ended-by-you = Sie haben ihn { $ago } angehalten.
choose-start = Wählen, was startet
try-again = Noch einmal versuchen

# ── log-out ─────────────────────────────────────────────────────────────────

logout-title = Abmelden
logout-question = Abmelden?
logout-why = Ein Verweis auf einer anderen Website führte hierher. Sie sind noch angemeldet; es ist nichts geschehen.
logout-stay = Angemeldet bleiben
logout-done = Sie sind abgemeldet
logout-proxy = Der Proxy vor diesem Gateway weiß noch, wer Sie sind. Um abgemeldet zu bleiben, melden Sie sich auch dort ab oder schließen Sie den Browser.
logout-again = Wieder anmelden

# ── Anmeldung neuer Leute, Passwörter ───────────────────────────────────────

signups = Anfragen
signups-none = Niemand wartet auf ein Konto.
asked = Gefragt
approve = Zulassen
approve-of = { $user } zulassen
refuse = Ablehnen
refuse-of = { $user } ablehnen
set-password = Ein Passwort setzen
set-password-why = Für jemanden, der seines verloren hat. Wer es war, wird überall abgemeldet und sollte es gleich ändern.
new-password = Neues Passwort
old-password = Altes Passwort
same-again = Noch einmal
change-password = Passwort ändern
password-changed = Ihr Passwort ist geändert
password-changed-why = Wo Sie sonst noch angemeldet waren, sind Sie es nicht mehr. Ihre Tokens gelten weiter.
signup = Um ein Konto bitten
signup-open = Ein Konto anlegen
signup-thanks = Danke
signup-waiting = Wenn dieser Name frei ist, entscheidet eine Administratorin oder ein Administrator. Bis dahin können Sie sich nicht anmelden. Niemand schreibt Ihnen: Versuchen Sie es später wieder.
signup-made = Ihr Konto ist da
signup-have = Ich habe eines
to-login = Zur Anmeldung
done-signup-approved = Das Konto ist angelegt; wem es gehört, kann sich anmelden.
done-signup-refused = Die Anfrage ist weg.
done-password-set = Das Passwort ist gesetzt, überall ist abgemeldet.

# ── errors ──────────────────────────────────────────────────────────────────

error-400 = Das ist nicht zu verstehen
error-401 = Melden Sie sich zuerst an
error-403 = Das dürfen Sie nicht benutzen
error-404 = Hier ist nichts
error-405 = Das geht hier nicht
error-408 = Das hat zu lange gedauert
error-409 = Gerade jetzt nicht
error-410 = Das gibt es nicht mehr
error-413 = Das ist zu groß
error-414 = Die Adresse ist zu lang
error-415 = Das lässt sich nicht lesen
error-424 = Der Server läuft nicht
error-429 = Zu viel auf einmal
error-431 = Der Browser schickt zu viel
error-500 = Der Fehler liegt bei uns
error-502 = Die Antwort ergibt keinen Sinn
error-503 = Im Augenblick nicht verfügbar
error-504 = Es kam keine Antwort
error-other = Etwas ist schiefgegangen
move-400 = Gehen Sie zurück, berichtigen Sie es und versuchen Sie es noch einmal. Wenn Sie einem Link gefolgt sind, hilft, wer ihn Ihnen gegeben hat.
move-401 = Melden Sie sich an und versuchen Sie es noch einmal.
move-403 = Wenn es Ihnen zusteht, fragen Sie die Person, der es gehört, oder die Verwaltung.
move-404 = Ist die Adresse richtig geschrieben? Was Sie nicht sehen dürfen, sieht genauso aus wie das, was es nicht gibt.
move-405 = Gehen Sie zur Startseite und beginnen Sie dort.
move-408 = Prüfen Sie die Verbindung und versuchen Sie es noch einmal.
move-409 = Laden Sie die Seite neu, um zu sehen, wie es jetzt steht, und versuchen Sie es noch einmal.
move-410 = Bitten Sie um einen neuen Link, wo Sie diesen bekommen haben.
move-413 = Schicken Sie weniger auf einmal, oder bitten Sie die Verwaltung um eine höhere Grenze.
move-414 = Kürzen Sie, was nach dem Fragezeichen kommt, oder beginnen Sie auf der Startseite.
move-415 = Schicken Sie es in anderer Form. Von unseren eigenen Seiten kommt das nicht; wenn doch, sagen Sie es der Verwaltung.
move-424 = Starten Sie ihn auf der Startseite, oder bitten Sie die Person darum, der er gehört.
move-429 = Warten Sie etwas und versuchen Sie es noch einmal.
move-431 = Löschen Sie die Cookies dieser Seite im Browser und melden Sie sich neu an.
move-500 = Er ist festgehalten. Sie können es noch einmal versuchen; wenn es so bleibt, sagen Sie es der Verwaltung.
move-502 = Versuchen Sie es gleich noch einmal. Wenn es so bleibt, starten Sie den Server auf der Startseite neu.
move-503 = Nichts ist verloren. Versuchen Sie es gleich noch einmal; wenn es so bleibt, sagen Sie es der Verwaltung.
move-504 = Versuchen Sie es gleich noch einmal. Wenn es so bleibt, starten Sie den Server auf der Startseite neu.
move-other = Gehen Sie zurück und versuchen Sie es noch einmal. Wenn es so bleibt, sagen Sie es der Verwaltung.
error-reference = Die Verwaltung findet diese Anfrage im Zugriffsprotokoll unter ihrer Nummer:
login = Anmelden
login-with = Anmelden mit { $way }
login-by-proxy = Wer über den Proxy vor diesem Gateway kommt, wird von selbst angemeldet. In dieser Anfrage hat er niemanden genannt.
password = Passwort

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
log-mine = Protokoll meines Servers
log-default = Protokoll des Servers
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

# ── shares ──────────────────────────────────────────────────────────────────

shares-title = Teilen
shares-mine = Mit Ihnen geteilt
shares-mine-none = Niemand teilt einen Server mit Ihnen.
shares-guests = Von Ihnen geteilt
shares-guests-none = Sie teilen nichts.
share-what = Erlaubt
share-use = ihn zu benutzen
share-view = zuzusehen
share-used = Angenommen
share-link = Link
share-by-group = über eine Gruppe
share-leave = Verlassen
share-leave-of = Den Server von { $owner } verlassen
share-open-of = Den Server von { $owner } öffnen
share-revoke-of = Zurücknehmen, was { $who } hat
share-new = Einen Server teilen
share-risk = Wer Ihren Server benutzt, führt Code als Sie aus, mit Ihren Dateien. Seine Seiten handeln in den Browsern Ihrer Gäste. Teilen Sie nur mit Menschen, die Sie an Ihre Tastatur ließen.
share-with = Mit wem?
share-with-code = Mit allen, die den Link haben und sich anmelden können
share-with-user = Mit einer Person
share-with-group = Mit einer Gruppe
share-who = Name der Person oder Gruppe
share-view-only = Nur zusehen: Dateien und Ausgaben sind zu sehen, nichts läuft und nichts ändert sich
share-lasts = Wie lange?
share-uses = Wie viele Menschen? (leer: beliebig viele)
share-path = Nur dieser Pfad des Servers (leer: alles)
share-make = Teilen
share-made = Ihre Einladung
share-once = Schicken Sie diesen Link an alle, die Sie einladen. Kopieren Sie ihn jetzt: Er wird nicht noch einmal gezeigt.
share-off = Sie dürfen keine Server teilen. Die Verwaltung kann es erlauben: [sharing] users_may_share.
done-share-made = Es ist geteilt.
done-share-revoked = Es ist nicht mehr geteilt: Offene Verbindungen sind beendet.
done-share-left = Sie haben es verlassen.

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
see-also = Von dieser Person
what-can-be-done = Was man tun kann
act-disable = Aussperren
act-enable = Wieder einlassen
act-make-admin = Zur Verwaltung machen
act-unmake-admin = Aus der Verwaltung nehmen
act-end-sessions = Überall abmelden
act-revoke-tokens = Alle Tokens widerrufen
act-remove = Person entfernen
sure-remove = { $user } und alles, was Hubgate von ihr aufbewahrt, entfernen?
sure-disable = { $user } aussperren? Server enden, Sitzungen und Token sind endgültig weg.
sure-revoke-tokens = Alle Token von { $user } widerrufen? Programme, die sie verwenden, kommen nicht mehr hinein.
sure-make-admin = { $user } zur Verwaltung machen?
sure-password = Das lässt sich nicht einfach zurücknehmen. Geben Sie noch einmal Ihr eigenes Passwort ein.
sure-log-in = Das lässt sich nicht einfach zurücknehmen. Sie haben hier kein Passwort; darum zählt eine Anmeldung der letzten fünf Minuten: Melden Sie sich neu an, und tun Sie es dann noch einmal.
sure-recent = Das lässt sich nicht einfach zurücknehmen.
log-in-again = Neu anmelden
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
members-add = Personen hinzufügen
sure-group-remove = Die Gruppe { $group } entfernen?
sure-group-members =
    { $count ->
        [0] Niemand ist darin.
        [one] Eine Person verliert, was die Gruppe erlaubt.
       *[other] { NUMBER($count) } Personen verlieren, was die Gruppe erlaubt.
    }
members-more = … und { NUMBER($count) } weitere
member-take = { $user } aus der Gruppe nehmen
done-group-made = Die Gruppe ist angelegt.
done-group-removed = Die Gruppe ist entfernt.
done-members-changed = Die Mitglieder sind geändert.
services-lead = Dienste werden in der Einstellungsdatei oder mit der API eingerichtet.
services-none = Es gibt keine Dienste.
service-managed = vom Gateway gestartet
service-external = unter einer Adresse
service-calls = ruft die API auf
service-up = Antwortet
service-unknown = Nicht geprüft
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
starts-off = Keine neuen Starts; was läuft, läuft weiter
starts-drain = Keine neuen Starts; was läuft, endet, wenn es fünf Minuten lang niemand benutzt hat
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
traffic-counted = Von den letzten { $number }:
traffic-refused = abgelehnt oder nicht gefunden (4xx)
traffic-failed = gescheitert (5xx)
traffic-slow = langsamer als eine Sekunde
traffic-touched = durch die Schicht von mitmproxy (Spur flow)
traffic-record = Diese aufzeichnen
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

# ── scopes that only some have, and who asks for them ─────────────────────────
authorize-title = Erlaubnis
authorize-heading = Weiter zu { $client }?
authorize-service = Der Dienst { $service } möchte wissen, wer Sie sind. Sie sind angemeldet als { $user }.
authorize-server = Ein Server von { $owner } möchte wissen, wer Sie sind. Sie sind angemeldet als { $user }.
authorize-nothing = Er erfährt Ihren Namen und Ihre Gruppen, mehr nicht.
authorize-wishes = Er erfährt Ihren Namen und Ihre Gruppen und darf in Ihrem Namen tun, was hier angekreuzt ist:
authorize-trust = Die Seiten dieses Servers gehören seinem Besitzer. Solange sie offen sind, können sie in diesem Browser in Ihrem Namen handeln.
authorize-site = Sie werden zu einer anderen Website geleitet: { $site }
authorize-yes = Ja, weiter
authorize-no = Nein, zurück
scope-inherit = Alles tun, was Sie dürfen
scope-self = Alles mit Ihrem Konto und Ihren Servern tun
scope-admin-ui = Die Seiten für Administratoren öffnen
scope-admin-users = Benutzer anlegen, ändern und entfernen
scope-admin-auth-state = Lesen und ändern, was von Anmeldungen aufbewahrt wird
scope-users = Benutzer lesen und ändern
scope-delete-users = Benutzer entfernen
scope-list-users = Benutzer auflisten
scope-read-roles = Sehen, wer welche Rollen hat
scope-read-roles-users = Sehen, welche Rollen Benutzer haben
scope-read-roles-services = Sehen, welche Rollen Dienste haben
scope-read-roles-groups = Sehen, welche Rollen Gruppen haben
scope-admin-servers = Server starten und anhalten und alles sehen, was von ihnen aufbewahrt wird
scope-admin-server-state = Sehen und ändern, was von Servern aufbewahrt wird
scope-admin-groups = Gruppen anlegen, ändern und entfernen
scope-groups = Gruppen sehen und ändern, wer darin ist
scope-list-groups = Gruppen auflisten
scope-read-groups = Gruppen sehen
scope-read-groups-name = Namen von Gruppen sehen
scope-delete-groups = Gruppen entfernen
scope-admin-services = Dienste anlegen, sehen und entfernen
scope-list-services = Dienste auflisten
scope-read-services = Dienste sehen
scope-read-services-name = Namen von Diensten sehen
scope-read-hub = Sehen, wie das Gateway eingerichtet ist
scope-groups-shares = Sehen und beenden, was mit Gruppen geteilt wurde
scope-read-groups-shares = Sehen, was mit Gruppen geteilt wurde
scope-proxy = Sehen und ändern, wohin Adressen führen
scope-shutdown = Das Gateway beenden
scope-read-metrics = Die Messwerte des Gateways lesen
scope-admin-traffic-unredacted = Verkehr aufzeichnen, ohne Geheimnisse zu verbergen
scope-admin-traffic = Anfragen aufzeichnen
scope-read-traffic = Aufgezeichnete Anfragen lesen
scope-read-audit = Lesen, wer was getan hat
captures-lead = Ganze Anfragen einer Person, eines Servers oder eines Pfades, aus einem Grund aufgezeichnet. Cookies, Tokens und Passwörter sind verdeckt.
captures-none = Nichts wurde aufgezeichnet.
capture = Aufzeichnung
capture-new = Aufzeichnung beginnen
capture-reason = Grund
capture-path = Pfad, oder was darunter liegt
capture-filter = Filter, in der Sprache von mitmproxy
capture-minutes = Minuten
capture-megabytes = Megabytes
capture-start = Beginnen
capture-told = Wen es betrifft, sieht auf der eigenen Seite, dass, von wem und warum aufgezeichnet wird. Es steht im Protokoll.
capture-running = Zeichnet auf
capture-over = Beendet
capture-until = endet { $time }
capture-ended = beendet: { $why }
capture-flows =
    { NUMBER($count) ->
        [one] 1 Anfrage
       *[other] { NUMBER($count) } Anfragen
    }
capture-dropped = { NUMBER($count) } gingen verloren
capture-unredacted = mit Geheimem
capture-nothing-hidden = In dieser Aufzeichnung ist nichts verdeckt: Cookies, Tokens und Passwörter stehen darin, wie sie waren. Wer sie hat, gilt als die Person, der sie gehören.
capture-empty = Noch ist nichts gekommen.
capture-download = Als { $form } herunterladen
capture-stop = Beenden
capture-delete = Löschen
capture-reconnect = Offene WebSockets neu verbinden
done-capture-stopped = Die Aufzeichnung ist beendet.
done-capture-reconnected = Offene WebSockets wurden getrennt; sie kommen aufgezeichnet wieder.
done-capture-deleted = Die Aufzeichnung ist gelöscht.
request-unanswered = keine, der Client war weg
request-sent = An den Client gesendet
request-received = Empfangen
request-worker = Worker
request-heads = Kopfzeilen und Inhalte stehen nicht im Verkehrsprotokoll. Eine Aufzeichnung hat sie.
request-record = Aufzeichnen, was noch kommt
request-around = Zur selben Zeit
request-offset = Begann
flow-kinds = Zeigen
flow-all = Alle
flow-kind-websocket = WebSockets
flow-kind-failed = Gescheitert
flow-kind-slow = Langsamer als eine Sekunde
flow-type = Art
flow-messages = WebSocket, { NUMBER($count) } Nachrichten
flow-client = Adresse
flow-route = Route
flow-id = Kennung
flow-times = Wo die Zeit blieb
flow-send = gesendet in
flow-wait = gewartet
flow-receive = empfangen in
flow-request = Anfrage
flow-response = Antwort
flow-headers = Kopfzeilen
flow-conversation = Gespräch
flow-sent = vom Browser
flow-came = vom Server
flow-whole = Die ganze Nachricht
flow-ended = Der WebSocket wurde geschlossen.
body-cut = nur der Anfang
body-omitted = nicht aufgezeichnet:
recording = { $who } zeichnet Ihre Anfragen auf: „{ $reason }“.
recording-until = Es endet { $time }.
recording-hidden = Cookies, Tokens und Passwörter sind verdeckt.
recording-bare = Nichts ist verdeckt: Was Sie eingeben sowie Ihre Cookies, Tokens und Passwörter werden aufgezeichnet, wie sie sind.
recorded = Wer Ihre Anfragen aufgezeichnet hat
recorded-by = { $who }: { $reason }

# ── invitations ─────────────────────────────────────────────────────────────

nav-shares = Freigaben
invitation = Eine Einladung
invited = { $owner } lädt Sie zum eigenen Server ein: { $address }
invited-to-server = { $owner } lädt Sie zum Server { $server } ein: { $address }
invitation-stopped = Der Server läuft im Augenblick nicht. Wem er gehört, kann ihn starten.
invitation-path = Es geht um { $path } auf diesem Server und um nichts sonst.
invitation-view = Sie dürfen zusehen: Dateien sehen und was Programme ausgeben, die andere laufen lassen. Sie können keine Programme laufen lassen, keine Dateien ändern und keine Terminals öffnen.
invitation-use = Sie dürfen ihn benutzen.
invitation-scopes = Sie dürfen, nur auf diesem Server:
invitation-risk = Die Seiten des Servers gehören der Person, die einlädt. Solange sie offen sind, können sie in diesem Browser als Sie handeln. Nehmen Sie nur an, wenn Sie ihr vertrauen.
invitation-accept = Annehmen

# ── Fehler, die der Hub mit einem Schlüssel benennt ──

said-pages-only = Seiten des Hubs werden von Menschen geöffnet, nicht von Skripten oder in Rahmen.
said-not-our-form = Dieses Formular ist nicht von uns oder veraltet. Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.
said-login-form = Das Anmeldeformular ist ungültig oder abgelaufen. Versuchen Sie es noch einmal.
said-login-refused = Name oder Passwort ist falsch
said-login-away = Die Anmeldung ist im Augenblick nicht möglich
said-login-stale = Diese Anmeldung wurde nicht in diesem Browser begonnen, oder sie hat zu lange gedauert. Bitte beginnen Sie von vorn.
said-login-not-proven = Der Anbieter hat nicht bestätigt, wer Sie sind. Bitte beginnen Sie von vorn.
said-login-often = Von dieser Adresse kommen zu viele Anmeldungen; versuchen Sie es gleich noch einmal
said-login-crowd = Gerade melden sich zu viele Leute an; versuchen Sie es noch einmal
said-not-for-you = Sie sind { $who } und dürfen dieses Gateway nicht benutzen. Die Verwaltung kann das ändern.
said-password-same = Das neue Passwort ist das alte.
said-password-wrong = Das alte Passwort stimmt nicht.
said-password-short = Ein Passwort muss mindestens { $least } Zeichen haben.
said-passwords-differ = Die beiden Passwörter sind verschieden.
said-passwords-elsewhere = Passwörter werden nicht hier aufbewahrt.
said-signup-closed = Hier kann sich niemand anmelden. Konten legt die Verwaltung an.
said-signup-often = Von dieser Adresse wurden zu viele Konten gewünscht.
said-signup-full = Im Augenblick können keine Konten mehr gewünscht werden; versuchen Sie es an einem anderen Tag.
said-signup-name = Ein Name hat 1 bis 64 Zeichen a-z, 0-9 und . _ @ + - und beginnt mit einem Buchstaben oder einer Ziffer.
said-signup-taken = Diesen Namen können Sie nicht haben. Bitte wählen Sie einen anderen.
said-for-administrators = Das ist für die Verwaltung.
said-no-server = Diesen Server gibt es nicht.
said-no-user = Diese Person gibt es hier nicht.
said-no-token = Dieses Token gibt es nicht.
said-no-profile = Es gibt kein Profil, das Sie starten dürfen.
said-one-server = Hier gibt es nur einen Server für jede Person.
said-option-boolean = „{ $option }“ muss true (ja) oder false (nein) sein
said-option-number = „{ $option }“ muss eine Zahl sein
said-option-whole = „{ $option }“ muss eine ganze Zahl sein
said-option-least = „{ $option }“ muss mindestens { NUMBER($least, maximumFractionDigits: 9) } sein
said-option-most = „{ $option }“ darf höchstens { NUMBER($most, maximumFractionDigits: 9) } sein
said-option-step = „{ $option }“ muss { NUMBER($first, maximumFractionDigits: 9) } sein oder um ein Vielfaches von { NUMBER($step, maximumFractionDigits: 9) } größer
said-option-choice = „{ $option }“ muss eines hiervon sein: { $known }
said-option-text = „{ $option }“ muss ein Text sein
said-option-control = „{ $option }“ darf keine Steuerzeichen enthalten
said-option-long = „{ $option }“ darf höchstens { $most } Zeichen haben
said-option-short = „{ $option }“ muss mindestens { $least } Zeichen haben
said-option-empty = „{ $option }“ darf nicht leer sein
said-option-form = „{ $option }“ hat nicht die richtige Form
said-option-flag = „{ $option }“ darf nicht mit „-“ beginnen
said-option-unknown = „{ $option }“ ist keine Option von { $profile }; es gibt: { $known }
said-queue-full =
    { NUMBER($count) ->
        [one] Ein Server wartet schon auf den Start; versuchen Sie es später noch einmal.
       *[other] { NUMBER($count) } Server warten schon auf den Start; versuchen Sie es später noch einmal.
    }
said-name-length = Ein Name hat 1 bis { $most } Zeichen.
said-name-spaces = Ein Name besteht aus druckbaren Zeichen, ohne Leerzeichen am Rand und ohne zwei hintereinander.
said-no-preset = Sie haben keine Vorlage „{ $name }“.
said-preset-long = Der Name einer Vorlage hat höchstens { $most } Zeichen.
said-presets-full = Es gibt schon { $most } Vorlagen; entfernen Sie eine, die Sie nicht brauchen.
said-presets-own = Vorlagen sind für die eigenen Server.
said-share-incomplete = Der Link ist nicht vollständig: sein Code fehlt.
said-share-gone = Diese Freigabe ist unbekannt oder abgelaufen.
said-share-self = Mit sich selbst können Sie nichts teilen.
said-share-invalid = Dieser Code ist unbekannt, abgelaufen oder verbraucht.
said-share-whom = Sagen Sie, für wen es ist: für alle, die den Link haben, oder der Name einer Person oder Gruppe.
said-share-lasts = Wählen Sie, wie lange es gilt; ein Link muss irgendwann enden.
said-share-uses = Wie viele den Link benutzen dürfen, muss eine Zahl sein.
said-share-api = Was unter api/ liegt, lässt sich nur zum Zusehen teilen: Aufrufe dort erreichen auch andere Pfade. Teilen Sie einen Ordner als files/… oder den ganzen Server.
said-share-not-yours = Diesen Server dürfen Sie nicht teilen.
said-token-nothing = Wählen Sie wenigstens etwas, das das Token darf.
said-token-lasts = Wählen Sie, wie lange das Token gilt.
said-scope-missing = Das dürfen Sie nicht. Nötig ist eine dieser Berechtigungen: { $scopes }.
said-only-admins = Das kann nur die Verwaltung mit jemandem tun, der zur Verwaltung gehört oder gehören soll.
said-not-oneself = Das kann niemand mit sich selbst tun; jemand anderes aus der Verwaltung kann es.
said-not-your-password = Das ist nicht Ihr Passwort.
said-login-too-old = Ihre Anmeldung ist dafür zu lange her. Melden Sie sich neu an und tun Sie es dann noch einmal.
said-login-ended = Diese Anmeldung ist gerade zu Ende gegangen.
said-password-long = Ein Passwort darf höchstens { $most } Bytes lang sein.
said-password-weak =
    { $why ->
        [REPEATED] Ein Passwort darf nicht dieselben wenigen Zeichen wiederholen.
        [NAME] Ein Passwort darf nicht aus dem Namen gemacht sein.
       *[COMMON] Ein Passwort darf keines von denen sein, die viele Leute benutzen.
    }
said-name-empty = Ein Name darf nicht leer sein.
said-name-bytes = Ein Name darf höchstens { $most } Bytes lang sein.
said-name-dots = Ein Name darf nicht nur aus Punkten bestehen.
said-name-signs = Ein Name darf „/“, „%“, „\“, „;“, Steuer- und Formatzeichen nicht enthalten.
said-group-name-ends = Der Name einer Gruppe darf nicht leer sein, nicht mit einem Leerzeichen beginnen oder enden und nicht nur aus Punkten bestehen.
said-group-name-signs = Der Name einer Gruppe darf keine Steuer- und Formatzeichen enthalten.
said-server-name = Der Name eines Servers hat 1 bis { $most } Zeichen a-z, 0-9 und einzelne „-“, beginnt mit einem Buchstaben und endet mit einem Buchstaben oder einer Ziffer.
said-names-count = Geben Sie 1 bis { $most } Namen ein.
said-users-exist = Alle diese Personen gibt es schon.
said-user-exists = „{ $name }“ gibt es schon.
said-names-wrong = Das können keine Namen sein: { $names }. Ein Name darf nicht länger als { $most } Bytes sein, nicht nur aus Punkten bestehen und „/“, „%“, „\“, „;“, Steuer- und Formatzeichen nicht enthalten.
said-unknown-users = Diese gibt es hier nicht: { $names }.
said-unknown-user = „{ $name }“ gibt es hier nicht.
said-no-group = Diese Gruppe gibt es nicht.
said-group-exists = Die Gruppe „{ $name }“ gibt es schon.
said-no-signup = Niemand hat um ein Konto mit diesem Namen gebeten.
said-text-long = Höchstens { $most } Zeichen.
said-end-over = Dieses Ende ist schon vorbei: Es ist jetzt { $now } UTC.
said-paused = Im Augenblick werden keine Server gestartet.
said-paused-why = Im Augenblick werden keine Server gestartet: { $why }
said-no-moment = Das Ende muss ein Datum mit Uhrzeit sein.
said-no-route = Für { $path } gibt es keine Route.
said-route-exists = Für { $path } gibt es schon eine Route.
said-routes-full = Es gibt schon { $most } Routen, mehr sind nicht erlaubt.
said-route-slash = Der Pfad muss mit „/“ beginnen.
said-route-long = Der Pfad darf höchstens { $most } Zeichen haben.
said-route-root = Der Pfad darf nicht „/“ sein: der gehört dem Gateway.
said-route-deep = Der Pfad darf höchstens { $most } Teile haben.
said-route-reserved = Der Pfad darf nicht „/{ $path }“ sein oder darunter liegen: der gehört dem Gateway.
said-route-double = Der Pfad darf „//“ nicht enthalten.
said-route-dots = Der Pfad darf die Teile „.“ und „..“ nicht enthalten.
said-route-signs = Der Pfad darf „%“, „\“, „;“, „?“, „#“, ein maskiertes „/“, Steuer- und Formatzeichen nicht enthalten.
said-route-target = Das Ziel muss eine Adresse wie http://10.0.0.5:9000 sein, ohne Pfad.
said-route-nowhere =
    { $why ->
        [GATEWAY] { $target } kann kein Ziel einer Route sein: es ist das Gateway selbst.
        [SERVER] { $target } kann kein Ziel einer Route sein: es ist der Server von jemandem.
        [THIS_MACHINE] { $target } kann kein Ziel einer Route sein: es steht für den Rechner des Gateways.
       *[OUT_OF_BOUNDS] { $target } kann kein Ziel einer Route sein: Adressen für das lokale Netz (link-local) und für Gruppen (multicast) sind ausgeschlossen.
    }
said-no-capture = Diese Aufzeichnung gibt es nicht.
said-no-request = Diese Anfrage ist nicht hier, oder nicht mehr.
said-captures-running = Es laufen schon { $most } Aufzeichnungen; beenden Sie erst eine.
said-captures-full = Neben den Aufzeichnungen, die noch da sind, ist kein Platz dafür; löschen Sie erst einige.
said-capture-over = Diese Aufzeichnung ist zu Ende.
said-capture-whom = Sagen Sie, was aufgezeichnet werden soll: eine Person, ein Server oder ein Pfad.
said-capture-path = Der Pfad muss mit einem Schrägstrich beginnen, im Klartext: keine Prozentzeichen für Buchstaben.
said-capture-server = Der Server muss „Person/“ oder „Person/Name“ sein.
said-capture-reason = Der Grund hat 1 bis { $most } Zeichen, in einer Zeile: wer betroffen ist, kann ihn lesen.
said-capture-minutes = Eine Aufzeichnung dauert 1 bis { $most } Minuten.
said-capture-size = Eine Aufzeichnung hat 1 bis { $most } Megabyte.
said-capture-number =
    { $what ->
        [Minutes] Die Minuten müssen eine ganze Zahl sein.
       *[Megabytes] Die Megabyte müssen eine ganze Zahl sein.
    }
said-filter-length = Der Filter hat 1 bis { $most } Zeichen.
said-filter-unexpected = Der Filter stimmt nicht: „{ $what }“ gehört nicht dorthin.
said-filter-quote = Der Filter stimmt nicht: ein Anführungszeichen hat kein Gegenstück.
said-filter-parenthesis = Der Filter stimmt nicht: eine Klammer hat kein Gegenstück.
said-filter-end = Der Filter stimmt nicht: am Ende fehlt etwas.
said-filter-deep = Der Filter stimmt nicht: er hat mehr als { $most } Stufen.
said-filter-pattern = Der Filter stimmt nicht: { $name } braucht ein Muster.
said-filter-no-pattern = Der Filter stimmt nicht: „{ $pattern }“ ist kein Muster, oder ein zu großes.
said-filter-status = Der Filter stimmt nicht: ~c braucht einen Status wie 404.
said-filter-unknown = Der Filter stimmt nicht: { $name } gibt es hier nicht; es gibt { $known }
said-log-filter = Einen Filter „{ $name }“ gibt es nicht; es gibt { $known }.
said-log-length = „{ $name }“ hat 1 bis { $most } Zeichen.
said-log-status = Der Status muss eine Zahl wie 404 oder eine Klasse wie 4xx sein.
said-log-lane = Die Spur (lane) muss eine von diesen sein: { $known }.
said-log-zone = „{ $name }“ braucht eine Zeitzone, etwa Z für UTC.
said-log-seconds = „{ $name }“ muss eine Zahl von Sekunden sein.
said-start-waited = Der Server hat zu lange auf seinen Start gewartet.
said-start-slow = Der Server war nach { $seconds } Sekunden nicht gestartet.
said-start-mute = Der Server hat nach { $seconds } Sekunden nicht geantwortet.
said-start-not-killed = Der Server ließ sich nicht beenden; die Verwaltung sollte nachsehen, was von ihm übrig ist.
said-start-internal = Ein Fehler im Gateway selbst; mehr steht in dessen Log.
said-start-ended = Der Server endete, bevor er geantwortet hat (Exit-Code { $code }).
said-start-lost = Der Server endete, während er gestartet wurde.
said-start-unwritten = In die Datenbank des Gateways kann nicht geschrieben werden.
said-start-unfound = Nach einem Neustart des Gateways war der Server nicht wiederzufinden.
said-start-nowhere = Der Spawner hat nicht gesagt, wo der Server antwortet.
said-start-needs-root = Server von Systembenutzern ([spawner.local] user = "system") brauchen ein Gateway, das als root läuft.
said-start-no-account = Auf diesem Rechner gibt es keinen Benutzer „{ $name }“, dessen Server es wäre.
said-start-near-account = Auf diesem Rechner gibt es keinen Benutzer „{ $name }“; der nächste ist „{ $near }“.
said-start-system-account = „{ $name }“ ist ein Konto des Systems selbst, das keine Server haben darf.
said-start-prepared = Der Server konnte nicht vorbereitet werden: pre_start endete mit Exit-Code { $code }.
said-start-cgroup-memory = Die Kontrollgruppe { $group } kann den Speicher nicht begrenzen.
said-start-cgroup-entered = In die Kontrollgruppe des Servers lässt sich nicht wechseln: { $why }
said-start-cgroup-made = Die Kontrollgruppe des Servers lässt sich nicht anlegen: { $why }
said-start-open = Der Server antwortet ohne sein Geheimnis. Soll sein Profil „{ $profile }“ keines brauchen, muss dort auth = "none" stehen.
said-start-unheard = Der Server hört nicht auf Port { $port }, den er bekommen hat.
said-start-other = Auf Port { $port }, den der Server bekommen hat, antwortet ein anderer Prozess.
said-start-silent = Der Server antwortete nicht mehr, als er geprüft wurde: { $why }
said-start-command = { $what } ({ $command }) lässt sich nicht ausführen: { $why }
said-start-no-command = Den Befehl des Servers gibt es nicht: { $command }
said-start-not-executable = Der Befehl des Servers ist nicht ausführbar: { $command }
said-start-no-folder = Das Arbeitsverzeichnis des Servers gibt es nicht: { $folder }
said-start-folder = Das Arbeitsverzeichnis des Servers darf nicht betreten werden: { $folder }
said-start-interpreter = { $command } lässt sich nicht ausführen: der Interpreter, den die erste Zeile nennt, fehlt.
said-start-unrun = { $command } lässt sich nicht ausführen: { $why }
said-start-log-opened = Das Log des Servers lässt sich nicht öffnen: { $why }
said-start-log-written = In das Log des Servers kann nicht geschrieben werden: { $why }
said-start-limit = { $limit } im Profil liegt über der eigenen Grenze des Gateways, die { $most } ist.
said-start-no-id = Ein Start braucht eine Kennung, an der seine Prozesse wiederzufinden sind.
said-start-no-words = Der Befehl im Profil ist leer.
said-start-no-secret = Der Server hat kein Geheimnis, nach dem er fragen kann.
said-start-name-flag = Der Name beginnt mit „-“, und der Befehl hielte ihn für eine Option.
said-start-placeholder = Das Profil hat den unbekannten Platzhalter { $name }; bekannt sind { $known }
said-start-no-port = Auf diesem Rechner ist kein Port frei.
said-server-ended = Der Server ist von selbst zu Ende gegangen (Exit-Code { $code }).
said-server-lost = Der Server endete, während das Gateway nicht da war.
said-server-not-running = Der Server läuft nicht.
said-gateway-stopped = Das Gateway wurde angehalten.
said-stopped-idle = Der Server wurde gestoppt, weil ihn { AMOUNT($count, $unit) } lang niemand benutzt hat.
said-stopped-age = Der Server wurde gestoppt, weil er { AMOUNT($count, $unit) } lang gelaufen war; länger darf er nicht.
said-login-locked =
    { NUMBER($minutes) ->
        [one] Zu viele missglückte Anmeldungen; versuchen Sie es in einer Minute noch einmal
       *[other] Zu viele missglückte Anmeldungen; versuchen Sie es in { $minutes } Minuten noch einmal
    }
said-no-way-in = So kann man sich hier nicht anmelden.
said-no-session = Diese Anmeldung gibt es nicht, oder nicht mehr.
said-no-action = Das bietet dieses Formular nicht an.
said-no-file = Diese Datei gibt es nicht.
said-for-people = Das ist für Menschen.
said-no-share = Diese Freigabe gibt es nicht, oder nicht mehr.
said-share-many = Die Zahl der Benutzungen muss 1 bis { $most } sein.
said-share-whole = Dieser Server fragt, wer kommt, und kennt nur, wer ihn ganz benutzen darf: teilen Sie ihn als Ganzes.
said-share-often = Es wurden zu viele Codes vergeblich versucht; versuchen Sie es gleich noch einmal.
said-share-path = Der Pfad muss unterhalb des Servers liegen, wie files/plots: ohne leere Teile, „.“ und „..“ und ohne „?“, „#“, „;“, „\“ und kodiertes „/“.
said-share-deep = Der Pfad darf höchstens { $characters } Zeichen und { $segments } Teile haben.
said-shares-full = Ein Server kann höchstens { $most } Einladungen haben; ziehen Sie erst einige zurück.
said-unknown-group = Die Gruppe „{ $name }“ gibt es nicht.
said-token-scopes = Höchstens { $most } Scopes.
said-gateway-stopping = Das Gateway wird gerade angehalten.
said-server-active = Dafür muss der Server gestoppt sein.
said-servers-active = Stoppen Sie erst die Server der Person.
said-server-exists = Den Server „{ $name }“ gibt es schon.
said-servers-full = Es gibt schon { $most } benannte Server, mehr sind nicht erlaubt; entfernen Sie erst einen.
said-not-for-them = { $who } darf dieses Gateway nicht benutzen.
said-unknown-profile = Ein Profil „{ $name }“ gibt es nicht; es gibt: { $known }
