"""A client of IT support. Needs nothing but Python.

usage: CASEWAY_URL=http://127.0.0.1:8000/support CASEWAY_KEY=pd_… python example_usage.py
"""
import json
import os
import urllib.parse
import urllib.request


class ITSupportAPIClient:
    """What a portal does with tickets."""

    def __init__(self, base_url=None, api_key=None):
        self.base_url = base_url or os.environ["CASEWAY_URL"]
        self.api_key = api_key or os.environ["CASEWAY_KEY"]

    def _open(self, path, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base_url + path, data=data)
        request.add_header("Authorization", f"Bearer {self.api_key}")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        return urllib.request.urlopen(request, timeout=60)

    def _call(self, path, body=None):
        with self._open(path, body) as answer:
            return json.load(answer)

    def create_request(self, request):
        """Asks for something; answers where its ticket stands."""
        return self._call("/request", request)

    def submit_hil_response(self, ticket_id, response):
        """Answers what a ticket waits for."""
        return self._call(f"/hil/{ticket_id}", response)

    def get_ticket(self, ticket_id):
        """A ticket, whole."""
        return self._call(f"/tickets/{ticket_id}")

    def get_tickets(self, **filters):
        """Tickets, newest first."""
        return self._call("/tickets?" + urllib.parse.urlencode(filters))["tickets"]

    def stream_events(self, ticket_id):
        """What happens to a ticket, each event once, until it ends; comes back when the
        stream breaks off."""
        last = ""
        while True:
            with self._open(f"/events/{ticket_id}", headers={"Last-Event-ID": last}) as answer:
                if answer.status == 204:
                    return
                for line in answer:
                    name, _, value = line.decode().rstrip("\n").partition(": ")
                    if name == "id":
                        last = value
                    elif name == "data":
                        yield json.loads(value)


def main():
    client = ITSupportAPIClient()
    response = client.create_request({
        "employee_id": "EMP001",
        "request_type": "software_access",
        "title": "Database Access Request",
        "description": "Need access to customer database",
        "priority": "high",
    })
    ticket_id = response["ticket_id"]
    print("asked:", response["status"], response["next_action"])
    for event in client.stream_events(ticket_id):
        print("event:", event["type"], event.get("status", ""))
        if event.get("status") == "waiting_for_approval":
            answer = client.submit_hil_response(ticket_id, {
                "answer": "Approved", "approval": True, "approver_id": "MANAGER001",
            })
            print("answered:", answer["decision"], answer["status"])
        elif event.get("status") == "waiting_for_user":
            client.submit_hil_response(ticket_id, {
                "answer": "Done", "approval": True, "approver_id": "EMP001",
            })
    print("ended:", client.get_ticket(ticket_id)["status"])
    print("mine:", len(client.get_tickets(employee_id="EMP001", status="resolved")))


if __name__ == "__main__":
    main()
