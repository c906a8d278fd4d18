/** The API's limits on attributes of users and channels; 1 KB is 1,024 bytes of UTF-8. */
export const MAX_ATTRIBUTES = 32
export const MAX_ATTRIBUTE_KEY_BYTES = 32
export const MAX_ATTRIBUTE_VALUE_BYTES = 8 * 1024
/** Keys and values of all attributes of a channel. */
export const MAX_CHANNEL_ATTRIBUTES_BYTES = 32 * 1024
/** Keys and values of all attributes of a user. */
export const MAX_USER_ATTRIBUTES_TOTAL_BYTES = 16 * 1024
