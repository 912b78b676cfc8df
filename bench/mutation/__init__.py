"""Mutation testing of the settlement rules: each small mistake planted in them must make a test fail.

`python -m bench.mutation [module …]` plants one mistake at a time (a comparison turned, a sum made a difference, a
number moved by one …) into a module of settlement/rules and runs the rule tests on it in a forked process. What no
test notices is a survivor; survivors that cannot change a result are listed with their reason in
docs/algorithms/mutants.md.
"""
