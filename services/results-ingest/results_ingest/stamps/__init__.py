"""The four stamps 采送检报 over many tubes: how long each stage took, which are faulty, what waits where."""
