/** What a page loads after its login: the attributes of channels and users, with all that they are made of. */
export { SharedDocument, UserDocument, UserReplica } from '../documents/documents.ts'
export { ChannelAttributes } from './channel-attributes.ts'
export { UserAttributeExchange } from './user-attribute-exchange.ts'
