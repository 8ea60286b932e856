"""The subcommands of `hubgate`: each file holds those of one subject.

serve       run, hub, proxy: the processes
inspect     check, init, plugins, db upgrade
status      status
users       user add, passwd, remove, list; token
options     the options that several of them share

Only here and in `gateway.cli` anything is printed: results on stdout, all else
on stderr. Heavy parts are imported inside the functions that need them, so that
`hubgate --version` is quick and a supervisor never loads mitmproxy.
"""
