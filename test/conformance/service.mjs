const kit = 'kit/kit.test.ts'
const browser = 'browser/log-methods.spec.ts'
const filters = `${browser} › a filter lets the lines of its levels into the log, and no others`
const name = `${browser} › a log is kept under the name that is set, and no larger than twice the size that is set`
const log = 'kit/logs.test.ts › The log of a kit'

/** @type {import('./table.mjs').Chapter} */
export default {
  title: 'Logs, version, parameters and service context',
  methods: {
    'AgoraRtmKit.setLogFile': [
      name,
      `${log} › goes to the file that is set right after the kit is made, with all before`,
      `${log} › takes any other text as the name of its file`,
    ],
    'AgoraRtmKit.setLogFileSize': [
      name,
      `${log} › takes 512 KB as the size of its files`,
      `${log} › takes no 511 KB as the size of its files, and keeps the size that it had`,
    ],
    'AgoraRtmKit.setLogFilters': [
      filters,
      'browser/logs.spec.ts › with the filter off nothing is written',
      `${log} › with the filter Warn has the lines of its levels, and no others`,
    ],
    'AgoraRtmKit.static getSDKVersion': [
      `${browser} › the version is that of the package, also before a kit is made`,
      `${kit} › A kit › tells its version as the package has it`,
    ],
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
      Off: [filters, `${log} › with the filter Off has the lines of its levels, and no others`],
      Info: [filters, `${log} › with the filter Info has the lines of its levels, and no others`],
      Warn: [filters, `${log} › with the filter Warn has the lines of its levels, and no others`],
      Error: [filters, `${log} › with the filter Error has the lines of its levels, and no others`],
      Critical: [filters, `${log} › with the filter Critical has the lines of its levels, and no others`],
      Mask: { never: 'Reserved by the API page.' },
    },
  },
}
