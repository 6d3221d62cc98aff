'use client'

import { useEffect } from 'react'

export function Client() {
  useEffect(() => {
    import('../../page-main.mjs')
  }, [])
  return null
}
