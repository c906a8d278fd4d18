import AgoraRTM from '../../../src/web.ts'

import { TestWebUser } from './test-web-user.ts'

export { AgoraRTM, TestWebUser }
