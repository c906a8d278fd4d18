import { rendezvousContract } from './contract.ts'
import { serverMeeting } from './server-meeting.ts'

rendezvousContract('At a server', () => serverMeeting({ secret: 'the same after a restart' }))
