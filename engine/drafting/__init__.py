"""Evidence → what may be written (a tree of choices), what the model reads, and the text without a model.

`plan.build(evidence)` gives one tree for each section, in order. The model decodes under `grammar.lark(tree)`;
`grammar.preferred(tree)` is the template's text; `grammar.sample(tree, pick)` is any other text of the same
language, with `pick(options, style)` choosing at each point (training targets are made so: one register for each
text, by keeping the choice of a style). `prompt.messages(evidence, profile)` is what the model reads.
"""
