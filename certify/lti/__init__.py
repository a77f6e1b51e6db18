"""LTI 1.3 tool: certify inside a learning platform, with its people, its courses and its grade columns.

Words: platform (LMS), registration (inscription d’une plateforme), deployment (déploiement), launch (ouverture depuis
un cours), context (cours), placement (ce qu’un lien ouvre), line item (colonne de notes), roster (liste du cours).
`protocol` knows the specifications and nothing else, `client` speaks to platforms, `launched` shows the application
from inside a course, `narrowing` limits what is seen there.
"""
