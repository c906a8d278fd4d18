import { describe, test } from 'vitest'

import { MemoryStore } from '../../src/storage/memory-store.ts'
import { storeContract } from './contract.ts'

describe('A store in memory', () => {
  test.each(storeContract)('$title', ({ run }) => run(new MemoryStore()))
})
