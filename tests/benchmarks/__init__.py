"""Benchmarks: the gateway beside its peers, same backend, same client, in turns, on loopback.

    make bench                          all rows, about a quarter of an hour
    make bench ARGS="-k small-get"      some of them
    make bench ARGS="--list"            what there is
    make bench ARGS="--smoke"           every row once and short: does the harness work?

`rows` says what is compared with whom; `peers`, `config` and `hubs` start them, `stage`
keeps them; `load`, `bulk`, `sockets` and `starts` put them to work; `measure` counts,
`table` prints.
"""
