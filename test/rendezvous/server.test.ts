import { rendezvousContract } from './contract.ts'
import { servedRendezvousContract } from './served-contract.ts'
import { serverMeeting } from './server-meeting.ts'

const open = () => serverMeeting({ secret: 'the same after a restart' })

rendezvousContract('At a server', open)
servedRendezvousContract('At a server', open)
