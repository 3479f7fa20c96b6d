"""What condition kinds need in the builder beyond what their declarations say, one file a kind.

A file is found by itself. A kind's template, if it needs one, has the kind's name in
`templates/segments/builder/kinds/`.
"""
