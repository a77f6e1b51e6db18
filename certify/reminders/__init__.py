"""What somebody is reminded of before a date, gathered in one mail a week that they may decline.

Words: digest (rappel hebdomadaire), opting out (ne plus recevoir).
"""
