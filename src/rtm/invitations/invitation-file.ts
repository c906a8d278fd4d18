/** What a page loads for its first invitation. */
export { InvitationDesk } from './desk.ts'
