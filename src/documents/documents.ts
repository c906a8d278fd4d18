/** What a page loads as a file of its own: the shared documents, with all that they are made of. */
export { UserDocument } from './user-document.ts'
export { UserReplica } from './user-replica.ts'
export { SharedDocument } from './shared-document.ts'
