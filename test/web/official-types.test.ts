import { describe, expect, test } from 'vitest'

import { compareTypes, readOfficialDeclarations } from '../../scripts/official-types.mjs'

// The compiler takes 6 s, or more than 20 on a busy machine.
const PATIENCE_MS = 90_000

const declarations = readOfficialDeclarations()

/** What the comparison says when this stands in the official declarations instead of that. */
const changes: [what: string, that: string, instead: string, complaint: string][] = [
  [
    'a method that is missing',
    '  logout(): Promise<void>;',
    'logout(): Promise<void>; fly(): void;',
    'RtmClient.fly',
  ],
  [
    'an answer of another type',
    'getMembers(): Promise<string[]>',
    'getMembers(): Promise<number[]>',
    'RtmChannel.getMembers',
  ],
  [
    'a method that takes less',
    'createChannel(channelId: string)',
    'createChannel(channelId: string | number)',
    'RtmClient.createChannel',
  ],
  [
    'a property that cannot be set',
    'readonly calleeId: string',
    'calleeId: string',
    'LocalInvitation.calleeId',
  ],
  [
    'an event with one argument less',
    'MemberLeft: (memberId: string)',
    'MemberLeft: (memberId: string, why: string)',
    'RtmChannel event MemberLeft',
  ],
  [
    'an event that is missing',
    '    TokenExpired: () => void;',
    'TokenExpired: () => void; Sunset: () => void;',
    'RtmClient event Sunset',
  ],
  [
    'an enum member that is missing',
    'OC = "OC",',
    'OC = "OC", XX = "XX",',
    'RtmStatusCode.LegacyAreaCode.XX',
  ],
  [
    'an enum member of another value',
    'INTERRUPTED = "INTERRUPTED"',
    'INTERRUPTED = "BROKEN"',
    'RtmStatusCode.ConnectionChangeReason.INTERRUPTED',
  ],
  ['a constant of another type', 'const BUILD: string', 'const BUILD: number', 'AgoraRTM.BUILD'],
  [
    'a constant that is missing',
    'const VERSION: string;',
    'const VERSION: string; const YEAR: number;',
    'AgoraRTM.YEAR',
  ],
  ['what a message need not have', '  text: string;', '  text?: string;', 'RtmTextMessage.text'],
  [
    'a configuration that is not taken',
    'enableCloudProxy?: boolean',
    'enableCloudProxy?: boolean | string',
    'RtmConfig.enableCloudProxy',
  ],
  [
    'a result that says less',
    'hasPeerReceived: boolean;',
    'hasPeerReceived: boolean; at: number;',
    'PeerMessageSendResult.at',
  ],
]

describe('The declarations of the official package', () => {
  test(
    'have no member that ours do not have, with the same type',
    () => {
      const { members, problems } = compareTypes()
      expect(problems).toEqual([])
      expect(members.filter(({ isCounted }) => isCounted).length).toBeGreaterThan(200)
    },
    PATIENCE_MS,
  )

  test(
    'are compared so that each kind of difference is found, and by its name',
    () => {
      let changed = declarations
      for (const [, that, instead] of changes) changed = changed.replace(that, instead)

      const { problems } = compareTypes(changed)

      for (const [what, that, , complaint] of changes) {
        expect(declarations, what).toContain(that)
        expect(
          problems.filter((problem) => problem.startsWith(`${complaint}: `)).length,
          what,
        ).toBeGreaterThan(0)
      }
      expect(problems.filter((problem) => problem.startsWith('the comparison'))).toEqual([])
    },
    PATIENCE_MS,
  )
})
