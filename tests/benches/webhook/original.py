"""A FastAPI service of the webhook's contract with SQLite on disk, as services of
this kind are usually written: one commit to store the event, two to work through it.
It stands beside Caseway in the benchmark; nothing is claimed of it but its speed.
"""
import json
import os
import sqlite3
from datetime import datetime, timezone

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request

TABLE = """create table if not exists events(
    id integer primary key autoincrement, received_at text, case_id text, event text,
    payload text, status text default 'received', processed_at text, result text)"""

app = FastAPI()


def connect():
    connection = sqlite3.connect(os.environ["DATABASE"])
    connection.row_factory = sqlite3.Row
    return connection


with connect() as first:
    first.execute(TABLE)
    for column in ("case_id", "event", "received_at", "status"):
        first.execute(f"create index if not exists by_{column} on events({column})")


def now():
    return datetime.now(timezone.utc).isoformat()


def work_through(number):
    connection = connect()
    with connection:
        connection.execute("update events set status = 'processing' where id = ?", (number,))
    with connection:
        connection.execute(
            "update events set status = 'processed', processed_at = ?, result = ? where id = ?",
            (now(), json.dumps({"status": "processed", "actions_taken": []}), number),
        )
    connection.close()


@app.post("/webhook/pega")
async def accept(request: Request, later: BackgroundTasks):
    body = await request.json()
    if not body.get("caseId") or not body.get("event"):
        raise HTTPException(400, "Fields 'caseId' and 'event' are required")
    row = (now(), str(body["caseId"]), str(body["event"]), json.dumps(body))
    connection = connect()
    with connection:
        number = connection.execute(
            "insert into events(received_at, case_id, event, payload) values (?, ?, ?, ?)", row
        ).lastrowid
    connection.close()
    later.add_task(work_through, number)
    return {"status": "received", "eventId": number}


@app.get("/events")
def newest(limit: int = 10):
    connection = connect()
    rows = connection.execute("select * from events order by id desc limit ?", (limit,)).fetchall()
    connection.close()
    return [{**dict(row), "payload": json.loads(row["payload"])} for row in rows]
