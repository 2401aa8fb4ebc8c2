"""Reads template.yaml; as a program, prints what SAM makes of it as JSON.

usage: template.py TEMPLATE
"""
import json
import sys

from samtranslator.yaml_helper import yaml_parse


def read(path):
    """The template, with CloudFormation's short tags written out."""
    with open(path, encoding="utf-8") as file:
        return yaml_parse(file.read())


def functions(template):
    """Logical name and properties of each function."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            yield name, resource["Properties"]


def with_numbers(template, given):
    """The template with its number parameters filled in: CloudFormation makes
    numbers of them wherever they stand, and the emulator leaves them text."""
    numbers = {
        name: float(text) if "." in text else int(text)
        for name, parameter in template["Parameters"].items()
        if parameter["Type"] == "Number"
        for text in [str(given.get(name, parameter.get("Default")))]
    }

    def filled(value):
        if isinstance(value, list):
            return [filled(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and value.get("Ref") in numbers:
            return numbers[value["Ref"]]
        return {name: filled(member) for name, member in value.items()}

    return filled(template)


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
