import { PeerServer } from 'peer'

// PeerJS's own server. Pages find each other by its list of ids, which an operator may allow. It ends connections
// beyond 5,000 unless told otherwise, and that is not what is measured. PORT says where it listens.

PeerServer({
  host: '127.0.0.1',
  port: Number(process.env['PORT'] ?? 0),
  path: '/',
  allow_discovery: true,
  concurrent_limit: 100_000,
})
