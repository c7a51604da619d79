"""A simulated team over three sites, to measure the real order and the real hand-off with.

`world` draws who is there and what is asked, from a seed. `desks` are ways to share the work: ours,
which call `ordering`, `handing` and `pace` as the pages do, and the rivals. `running` lets one of
them work through a world, `tally` counts. Nothing in here knows a framework or a database.
"""
