"""An emulated AWS account, and what an operator does in it."""
import json
import os
import tempfile
import time
import zipfile

import boto3
from botocore.config import Config

import template as templates

STACK = "caseway"
BUCKET = "code"
LINES = 60
DEPLOYED_WITHIN_SECONDS = 120
CHANGED_WITHIN_SECONDS = 30


class Account:
    """The methods are the commands that a test may give."""

    def __init__(self, url, number):
        session = boto3.Session(
            aws_access_key_id=number,
            aws_secret_access_key="test",
            region_name="us-east-1",
        )
        config = Config(read_timeout=90, retries={"total_max_attempts": 1})

        def client(service):
            return session.client(service, endpoint_url=url, config=config)

        self.s3, self.stacks = client("s3"), client("cloudformation")
        self.functions, self.queues = client("lambda"), client("sqs")
        self.secrets, self.logs = client("secretsmanager"), client("logs")
        self.roles = client("sts")
        self.outputs = {}
        self.id, self.url = number, url

    def number(self):
        """The account's number, which is its access key's id as well."""
        return self.id

    def deploy(self, template, code, parameters):
        """Deploys the template with the bootstraps under `code`; answers its outputs."""
        body = templates.for_emulator(templates.read(template), parameters, self.url)
        self.s3.create_bucket(Bucket=BUCKET)
        for _, properties in templates.functions(body):
            name = os.path.basename(os.path.normpath(properties["CodeUri"]))
            with open(zipped(os.path.join(code, name)), "rb") as package:
                self.s3.put_object(Bucket=BUCKET, Key=name, Body=package)
            properties["CodeUri"] = {"Bucket": BUCKET, "Key": name}
        # As `sam deploy` does: what a call itself may hold is 51,200 bytes.
        self.s3.put_object(Bucket=BUCKET, Key="template", Body=json.dumps(body))
        self.stacks.create_stack(
            StackName=STACK,
            TemplateURL=f"{self.url}/{BUCKET}/template",
            Parameters=[{"ParameterKey": n, "ParameterValue": v} for n, v in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        stack = until(self.deployed, DEPLOYED_WITHIN_SECONDS)
        self.outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
        return self.outputs

    def deployed(self):
        """The stack, once it is there."""
        stack = self.stacks.describe_stacks(StackName=STACK)["Stacks"][0]
        if stack["StackStatus"].endswith("IN_PROGRESS"):
            return None
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return stack
        events = self.stacks.describe_stack_events(StackName=STACK)["StackEvents"]
        reasons = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
            for event in events
            if "FAILED" in event["ResourceStatus"]
        ]
        raise RuntimeError(f"{stack['StackStatus']}: {'; '.join(reasons)}")

    def put_secret(self, name, value):
        """Gives a secret its value."""
        self.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(value))

    def invoke(self, function, payload):
        """Calls a function by name; answers what it answers."""
        answer = self.functions.invoke(FunctionName=function, Payload=json.dumps(payload))
        result = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise RuntimeError(f"{function} failed: {result}")
        return result

    def environment(self, name):
        """What a function sees of the template's variables, and its role's credentials."""
        resource = self.stacks.describe_stack_resource(StackName=STACK, LogicalResourceId=name)
        function = resource["StackResourceDetail"]["PhysicalResourceId"]
        found = self.functions.get_function_configuration(FunctionName=function)
        assumed = self.roles.assume_role(RoleArn=found["Role"], RoleSessionName=name)
        credentials = assumed["Credentials"]
        return {
            **found["Environment"]["Variables"],
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": self.functions.meta.region_name,
            "AWS_LAMBDA_FUNCTION_NAME": function,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(found["MemorySize"]),
            "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": credentials["SessionToken"],
        }

    def listen(self, mapping, enabled):
        """Has a worker listen to its queue, or not."""
        self.functions.update_event_source_mapping(UUID=mapping, Enabled=enabled)
        state = "Enabled" if enabled else "Disabled"
        until(
            lambda: self.functions.get_event_source_mapping(UUID=mapping)["State"] == state,
            CHANGED_WITHIN_SECONDS,
        )

    def purge(self, queue):
        """Empties a queue; answers how many messages were waiting in it."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
        found = self.queues.get_queue_attributes(QueueUrl=queue, AttributeNames=names)
        self.queues.purge_queue(QueueUrl=queue)
        return sum(int(found["Attributes"][name]) for name in names)

    def log(self):
        """The last lines of every function's log, without Lambda's own."""
        lines = []
        for group in self.logs.describe_log_groups()["logGroups"]:
            name = group["logGroupName"]
            events = self.logs.filter_log_events(logGroupName=name)["events"]
            said = [event["message"].strip() for event in events]
            said = [line for line in said if not line.startswith(("START ", "END ", "REPORT "))]
            lines += [f"{os.path.basename(name)}: {line}" for line in said[-LINES:]]
        return lines


def until(look, seconds):
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise TimeoutError(f"not within {seconds} seconds")


def zipped(folder):
    """The folder's bootstrap as a package, made anew when the bootstrap is newer."""
    bootstrap, package = os.path.join(folder, "bootstrap"), folder + ".zip"
    if os.path.exists(package) and os.path.getmtime(package) > os.path.getmtime(bootstrap):
        return package
    # Others may be doing the same: it appears whole or not at all.
    handle, unfinished = tempfile.mkstemp(dir=os.path.dirname(folder))
    with os.fdopen(handle, "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package_file:
            package_file.write(bootstrap, "bootstrap")
    os.replace(unfinished, package)
    return package
