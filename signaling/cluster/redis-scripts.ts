import { CLOCK_TOLERANCE_MS, CREDENTIAL_LIFE_MS, MAX_REMEMBERED_HOLDERS } from '../limits.ts'
import type { SharedClaim, SharedVerdict } from './bus.ts'

/**
 * What `decideClaim` says, for any number of claims at once, and atomically for all nodes.
 *
 *     KEYS  whose session ids are (hash), until when (sorted set), then one for each user: 'login time, session, stay'
 *     ARGV  now, lease of a user's key, lease of a session id, how many of those are kept, all in milliseconds;
 *           then for each user: session id, digest, login time or '', earliest login time, stay, '1' if it is held
 *     answers, for each user: 'login time, stay', or a reason
 *
 * Session ids are 32 hexadecimal digits in lower case, which every locale orders alike.
 */
export const claimScript = `
local holders, untils = KEYS[1], KEYS[2]
local now, lease = tonumber(ARGV[1]), ARGV[2]
local holderLease, maxHolders = tonumber(ARGV[3]), tonumber(ARGV[4])
local function whole(number) return string.format('%.0f', number) end
local answers = {}
for i = 3, #KEYS do
  local at = 4 + (i - 3) * 6
  local session, digest = ARGV[at + 1], ARGV[at + 2]
  local login, earliest, stay = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
  local isHeld = ARGV[at + 6] == '1'
  local holder = redis.call('HGET', holders, session)
  local reason = holder and holder ~= digest and 'invalid-proof'
  local currentLogin, current, currentStay =
    string.match(redis.call('GET', KEYS[i]) or '', '^(%d+) (%x+) (%d+)$')
  if not reason and current == session then
    login = tonumber(currentLogin)
    stay = math.max(stay, tonumber(currentStay) + (isHeld and 0 or 1))
  elseif not reason then
    login = login or math.max(earliest, (tonumber(currentLogin) or 0) + 1)
    local latest = tonumber(currentLogin)
    if current and (latest > login or (latest == login and current > session)) then reason = 'remote-login' end
  end
  if not reason then
    redis.call('SET', KEYS[i], whole(login) .. ' ' .. session .. ' ' .. whole(stay), 'PX', lease)
    redis.call('HSET', holders, session, digest)
    redis.call('ZADD', untils, now + holderLease, session)
  end
  answers[#answers + 1] = reason or (whole(login) .. ' ' .. whole(stay))
end
local old = redis.call('ZRANGEBYSCORE', untils, '-inf', now, 'LIMIT', 0, 100)
local excess = redis.call('ZCARD', untils) - maxHolders
if excess > 0 then
  for _, session in ipairs(redis.call('ZRANGE', untils, 0, math.min(excess, 100) - 1)) do old[#old + 1] = session end
end
if #old > 0 then
  redis.call('HDEL', holders, unpack(old))
  redis.call('ZREM', untils, unpack(old))
end
redis.call('PEXPIRE', holders, holderLease)
redis.call('PEXPIRE', untils, holderLease)
return answers
`

/** Deletes a user's key unless another session has it. KEYS: the key. ARGV: the session id. */
export const releaseScript = `
if string.match(redis.call('GET', KEYS[1]) or '', ' (%x+) ') == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`

/** Behind the keys of `claimScript`. */
export function claimArguments(claims: readonly SharedClaim[], now: number, leaseMs: number): string[] {
  const terms = [now, leaseMs, CREDENTIAL_LIFE_MS + CLOCK_TOLERANCE_MS, MAX_REMEMBERED_HOLDERS]
  const each = claims.flatMap(({ sessionId, digest, loginTime, earliestLoginTime, stay, isHeld }) => [
    sessionId,
    digest,
    loginTime ?? '',
    earliestLoginTime,
    stay,
    isHeld ? 1 : 0,
  ])
  return [...terms, ...each].map(String)
}

/** One answer of `claimScript`. */
export function verdictIn(answer: unknown): SharedVerdict | undefined {
  if (answer === 'invalid-proof' || answer === 'remote-login') return { isGranted: false, reason: answer }
  const [, loginTime, stay] = typeof answer === 'string' ? (/^(\d{1,16}) (\d{1,16})$/.exec(answer) ?? []) : []
  if (loginTime === undefined || stay === undefined) return undefined
  return { isGranted: true, loginTime: Number(loginTime), stay: Number(stay) }
}
