"""The same knowledge in other engines: each has a `fired` that tells, for a child's answers, which rows are met."""
