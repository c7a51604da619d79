"""Two takes of the same work: which moment of one is which of the other. Pure, every room of it.

`placing.place` says where comments lie in another take, `timemap.time_map` maps time between two;
both rest on `passages`, the stretches that two takes share (decision 15). `parallel` and
`sentences` set two takes side by side, for playing and for reading.
"""
