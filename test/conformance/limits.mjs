/**
 * How often methods may be called and how long they wait, as the API page has it; test/kit/limits.test.ts and
 * test/kit/timeouts.test.ts prove it, docs/API.md says it.
 *
 * @typedef {object} Limit
 * @property {readonly string[]} methods that are counted together
 * @property {number} count calls that are let through in any `windowMs`, for each kit
 * @property {number} windowMs
 * @property {string} code the name of what one more is answered with, in the enum of its method
 * @property {boolean} [isPerChannel] counted for each channel by itself
 */

const KIT = 'AgoraRtmKit'
const CHANNEL = 'AgoraRtmChannel'

/** @type {readonly Limit[]} */
export const limits = [
  { methods: [`${KIT}.loginByToken`], count: 2, windowMs: 1_000, code: 'LoginTooOften' },
  { methods: [`${KIT}.renewToken`], count: 2, windowMs: 1_000, code: 'TooOften' },
  {
    methods: [`${KIT}.sendMessage`, `${CHANNEL}.sendMessage`],
    count: 180,
    windowMs: 3_000,
    code: 'TooOften',
  },
  { methods: [`${CHANNEL}.joinWithCompletion`], count: 50, windowMs: 3_000, code: 'TooOften' },
  {
    methods: [`${CHANNEL}.joinWithCompletion`],
    count: 2,
    windowMs: 5_000,
    code: 'SameChannelTooOften',
    isPerChannel: true,
  },
  { methods: [`${CHANNEL}.getMembersWithCompletion`], count: 5, windowMs: 2_000, code: 'TooOften' },
  { methods: [`${KIT}.getChannelMemberCount`], count: 1, windowMs: 1_000, code: 'TooOften' },
  { methods: [`${KIT}.queryPeersOnlineStatus`], count: 10, windowMs: 5_000, code: 'TooOften' },
  { methods: [`${KIT}.subscribePeersOnlineStatus`], count: 10, windowMs: 5_000, code: 'TooOften' },
  { methods: [`${KIT}.unsubscribePeersOnlineStatus`], count: 10, windowMs: 5_000, code: 'TooOften' },
  { methods: [`${KIT}.queryPeersBySubscriptionOption`], count: 10, windowMs: 5_000, code: 'TooOften' },
  {
    methods: [
      `${KIT}.setLocalUserAttributes`,
      `${KIT}.addOrUpdateLocalUserAttributes`,
      `${KIT}.deleteLocalUserAttributesByKeys`,
      `${KIT}.clearLocalUserAttributes`,
    ],
    count: 10,
    windowMs: 5_000,
    code: 'TooOften',
  },
  {
    methods: [`${KIT}.getUserAttributes`, `${KIT}.getUserAttributesByKeys`],
    count: 40,
    windowMs: 5_000,
    code: 'TooOften',
  },
  {
    methods: [
      `${KIT}.setChannelAttributes`,
      `${KIT}.addOrUpdateChannelAttributes`,
      `${KIT}.deleteChannelAttributesByKeys`,
      `${KIT}.clearChannelAttributes`,
    ],
    count: 10,
    windowMs: 5_000,
    code: 'TooOften',
  },
  {
    methods: [`${KIT}.getChannelAttributes`, `${KIT}.getChannelAttributesByKeys`],
    count: 10,
    windowMs: 5_000,
    code: 'TooOften',
  },
]

/**
 * After how many milliseconds without an answer a call ends with its Timeout code. Methods that are answered by this
 * page alone have the code for the state Aborted only, at once: they are not here.
 *
 * @type {Readonly<Record<string, number>>}
 */
export const timeouts = {
  [`${KIT}.loginByToken`]: 12_000,
  [`${KIT}.sendMessage`]: 10_000,
  [`${CHANNEL}.sendMessage`]: 10_000,
  [`${CHANNEL}.joinWithCompletion`]: 5_000,
  [`${KIT}.getChannelMemberCount`]: 5_000,
  [`${KIT}.queryPeersOnlineStatus`]: 10_000,
  [`${KIT}.subscribePeersOnlineStatus`]: 10_000,
  [`${KIT}.getUserAttributes`]: 5_000,
  [`${KIT}.getUserAttributesByKeys`]: 5_000,
  [`${KIT}.setChannelAttributes`]: 5_000,
  [`${KIT}.addOrUpdateChannelAttributes`]: 5_000,
  [`${KIT}.deleteChannelAttributesByKeys`]: 5_000,
  [`${KIT}.clearChannelAttributes`]: 5_000,
  [`${KIT}.getChannelAttributes`]: 5_000,
  [`${KIT}.getChannelAttributesByKeys`]: 5_000,
}
