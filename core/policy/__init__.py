"""Policy packs: dated rules of the papers as data, each value with its clause."""
