/** What a page loads after its login: how users reach each other through others, who are linked to both. */
export { identify } from '../mesh/relay-identity.ts'
export { RelayLinker } from '../mesh/relay-linker.ts'
export { Neighbours } from '../rendezvous/neighbours.ts'
