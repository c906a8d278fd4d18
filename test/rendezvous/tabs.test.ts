import { rendezvousContract } from './contract.ts'
import { tabsMeeting } from './tabs-meeting.ts'

rendezvousContract('Among tabs', () => Promise.resolve(tabsMeeting()))
