"""Conformance suite for the documented changes of the Cisco Webex Meetings XML API."""

__version__ = "0.1.0"
