"""Reads template.yaml; as a program, prints what SAM makes of it as JSON.

usage: template.py TEMPLATE
"""
import json
import sys

from samtranslator.yaml_helper import yaml_parse


# Members that are numbers, and are parameters here.
NUMBERS = ("MaximumConcurrency", "ReservedConcurrentExecutions")


def read(path):
    """The template, with CloudFormation's short tags written out."""
    with open(path, encoding="utf-8") as file:
        return yaml_parse(file.read())


def functions(template):
    """Logical name and properties of each function."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            yield name, resource["Properties"]


def for_emulator(template, given, url):
    """The template as the emulator at `url` needs it where it differs from AWS: it takes
    a number parameter for text where a number must stand, it asks for an action that
    IAM does not have when messages are sent in a batch, it waits 50 ms for the log of a
    call that logs nothing, and it serves APIs at its own address."""
    host = "://${LiveApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/"
    here = url.removeprefix("http") + "/_aws/execute-api/${LiveApi}/"

    def number(name):
        return int(given.get(name, template["Parameters"][name]["Default"]))

    def changed(value):
        if isinstance(value, list):
            batch = ["sqs:SendMessageBatch"] if "sqs:SendMessage" in value else []
            return [changed(item) for item in value] + batch
        if isinstance(value, str):
            return value.replace("wss" + host, "ws" + here).replace("https" + host, "http" + here)
        if not isinstance(value, dict):
            return value
        if value == {"Ref": "LogLevel"}:
            return "info,shared=debug"
        members = {key: changed(member) for key, member in value.items()}
        for key in NUMBERS:
            if isinstance(value.get(key), dict) and "Ref" in value[key]:
                members[key] = number(value[key]["Ref"])
        return members

    return changed(template)


def translated(template):
    """The template as SAM hands it to CloudFormation."""
    from samtranslator.translator.transform import transform

    class NoManagedPolicies:
        """The template names none by its short name."""

        @staticmethod
        def load():
            return {}

    for _, properties in functions(template):
        # Where the code is does not matter here, as long as it is no folder.
        properties["CodeUri"] = "s3://any/" + properties["CodeUri"]
    return transform(template, {}, NoManagedPolicies())


if __name__ == "__main__":
    source = read(sys.argv[1])
    print(json.dumps({"source": read(sys.argv[1]), "translated": translated(source)}))
