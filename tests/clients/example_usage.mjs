// A client of IT support. Needs nothing but Node.js.
//
// usage: CASEWAY_URL=http://127.0.0.1:8000/support CASEWAY_KEY=pd_… node example_usage.mjs

const base = process.env.CASEWAY_URL;
const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${process.env.CASEWAY_KEY}` };

async function call(path, body) {
  const method = body ? 'POST' : 'GET';
  const response = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

// What happens to a ticket, each event once, until it ends. A browser's EventSource does the
// same where a gateway takes its cookie for a key.
async function* events(ticketId) {
  let last = '';
  for (;;) {
    const response = await fetch(`${base}/events/${ticketId}`, { headers: { ...headers, 'Last-Event-ID': last } });
    if (response.status === 204) return;
    let rest = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const frames = (rest + chunk).split('\n\n');
      rest = frames.pop();
      for (const frame of frames) {
        for (const line of frame.split('\n')) {
          if (line.startsWith('id: ')) last = line.slice(4);
          if (line.startsWith('data: ')) yield JSON.parse(line.slice(6));
        }
      }
    }
  }
}

const ticket = await call('/request', {
  employee_id: 'EMP001',
  request_type: 'software_access',
  title: 'Database Access Request',
  description: 'Need access to customer database',
  priority: 'high',
});
console.log('asked:', ticket.status, ticket.next_action);
for await (const event of events(ticket.ticket_id)) {
  console.log('event:', event.type, event.status ?? '');
  const by = { waiting_for_approval: 'MANAGER001', waiting_for_user: 'EMP001' }[event.status];
  if (by) await call(`/hil/${ticket.ticket_id}`, { answer: 'Approved', approval: true, approver_id: by });
}
console.log('ended:', (await call(`/tickets/${ticket.ticket_id}`)).status);
