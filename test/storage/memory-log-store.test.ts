import { describe, test } from 'vitest'

import { MemoryLogStore } from '../support/memory-log-store.ts'
import { logStoreContract } from './log-contract.ts'

describe('The logs of tests in Node, in memory', () => {
  test.each(logStoreContract)('$title', ({ run }) => run(new MemoryLogStore()))
})
