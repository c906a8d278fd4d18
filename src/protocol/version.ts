/** Peers and servers of another major version do not understand each other; minor additions are feature bits. */
export const PROTOCOL_VERSION = 1

/** What this build can do beyond version 1, one bit each. Unknown bits are ignored. */
export const FEATURES = 0

/** First words of whatever is signed, so that no signature of one use or release is good for another. */
export const SIGNING_DOMAIN = 'rtm-mesh/1'
