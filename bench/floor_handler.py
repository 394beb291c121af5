"""The floor of the bench: what every function that speaks HTTPS and JSON has to load, and nothing done with it."""

import http.client
import json
import ssl

LOADED = (http.client, json, ssl)


def handler(event: bytes, context: object) -> dict[str, str]:
    return {"state": "nothing"}
