#!/usr/bin/env bash
# A client of IT support, with curl.
#
# usage: CASEWAY_URL=http://127.0.0.1:8000/support CASEWAY_KEY=pd_… ./example_usage.sh
set -euo pipefail

call() { curl -sS --fail-with-body -H "Authorization: Bearer $CASEWAY_KEY" -H "Content-Type: application/json" "$@"; }

# Create a request
ticket_id=$(call -X POST "$CASEWAY_URL/request" -d '{
    "employee_id": "EMP001",
    "request_type": "software_access",
    "title": "Database Access",
    "description": "Need admin access",
    "priority": "high"
  }' | sed 's/.*"ticket_id":"\([^"]*\)".*/\1/')

# Stream events until somebody has to approve
grep -m 1 waiting_for_approval < <(call -N --max-time 60 "$CASEWAY_URL/events/$ticket_id" 2>/dev/null)

# Submit HIL response
call -X POST "$CASEWAY_URL/hil/$ticket_id" -d '{
    "answer": "Denied",
    "approval": false,
    "approver_id": "MANAGER001"
  }'

# Get tickets
call "$CASEWAY_URL/tickets?employee_id=EMP001&status=denied"

# Stream events: the ticket has ended, and so does the stream
call -N --max-time 60 "$CASEWAY_URL/events/$ticket_id"
