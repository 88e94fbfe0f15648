"""A Webex site of our own: stateful, at any release, over real HTTP.

A release is nothing but a set of documented changes: services ask ``site.has("40.2.0/...")``, never for a
version. The mock is written from the notes alone; it reads no expectation of a case and no schema.
"""
