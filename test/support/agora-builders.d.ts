/** What the published token builders are made of: here tests can choose times, services and privileges. */

declare module 'agora-access-token/src/AccessToken.js' {
  class AccessToken {
    constructor(appId: string, certificate: string, channelName: string, uid: string | number)
    salt: number
    /** The token's end, in Unix seconds; a day from now unless it is set. */
    ts: number
    addPriviledge(privilege: number, expiresAt: number): void
    build(): string
  }
  const all: { AccessToken: typeof AccessToken }
  export default all
}

declare module 'agora-token/src/AccessToken2.js' {
  class Service {
    constructor(type: number)
    add_privilege(privilege: number, lifeS: number): void
    pack(): Buffer
  }
  class AccessToken2 {
    constructor(appId: string, certificate: string, issuedAt: number | null, expire: number)
    salt: number
    add_service(service: Service): void
    build(): string
  }
  type TwoTexts = new (first: string, second: string) => Service
  class Rtm2Permissions {
    add(resourceType: number, permission: number, resources: string[]): void
  }
  const all: {
    AccessToken2: typeof AccessToken2
    Service: typeof Service
    Rtm2Permissions: typeof Rtm2Permissions
    ServiceRtc: TwoTexts
    ServiceRtm: new (userId: string) => Service
    ServiceStreaming: TwoTexts
    ServiceFpa: new () => Service
    ServiceChat: new (userId: string) => Service
    ServiceFCdn: TwoTexts
    ServiceApaas: new (room: string, user: string, role: number) => Service
    ServiceRtm2: new (userId: string, permissions: Rtm2Permissions) => Service
    ServiceConvoAI: new () => Service
  }
  export default all
}
