"""On the spot (sur le terrain): what a phone does without a network, and how it comes back.

Words: operation (opération: one thing done on the device), waiting (en attente), conflict (conflit).
"""
