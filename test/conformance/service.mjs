const kit = 'kit/kit.test.ts'

/** @type {import('./table.mjs').Chapter} */
export default {
  title: 'Logs, version, parameters and service context',
  methods: {
    'AgoraRtmKit.setLogFile': [],
    'AgoraRtmKit.setLogFileSize': [],
    'AgoraRtmKit.setLogFilters': [],
    'AgoraRtmKit.static getSDKVersion': [`${kit} › A kit › tells its version as the package has it`],
    'AgoraRtmKit.setParameters': [
      'browser/conversation.spec.ts › 100 channel and 100 peer messages each way all arrive, once and in order',
      `${kit} › setParameters › switches the limits off and on`,
    ],
    'AgoraRtmKit.static setRtmServiceContext': [
      'browser/server-gaps.spec.ts › the second server is taken while the first is dead, and the first again when the second dies',
      `${kit} › setRtmServiceContext › is for the time before the first kit, or after the last was destroyed`,
    ],
  },
  events: {},
  constants: {
    AgoraRtmLogFilter: {
      Off: [],
      Info: [],
      Warn: [],
      Error: [],
      Critical: [],
      Mask: { never: 'Reserved by the API page.' },
    },
  },
}
