"""Pages that belong to no subject: navigation, language, help, legal notices, accessibility, administration.

Words: navigation (menu), help (aide), accessibility statement (déclaration d’accessibilité).
"""
