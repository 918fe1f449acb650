"""Statistical disclosure control of published tables, as one linear system over everything that was ever published.

``system`` says what a reader knows: which numbers are sums of which. ``attack`` is the judge: how far a withheld
number can be narrowed by it. ``suppression`` decides what is withheld, so that the attack fails.

References:
    Willenborg & de Waal 2001, Elements of Statistical Disclosure Control, chapters 6 and 8 (primary and secondary
    suppression, the attack as two linear programs a cell).
    Fischetti & Salazar 2001, Solving the Cell Suppression Problem on Tabular Data with Linear Constraints,
    Management Science 47(7) (tables tied to each other as one system; upper and lower protection levels).
    Kelly, Golden & Assad 1992, Cell Suppression: Disclosure Protection for Sensitive Tabular Data, Networks 22(4)
    (a linear program for each cell that finds the cheapest others to withhold with it).
    Hundepool et al. 2012, Statistical Disclosure Control, chapter 4 (linked tables, recoding before suppression).
    Centers for Medicare & Medicaid Services, cell size suppression policy (1–10 are not shown).
"""
