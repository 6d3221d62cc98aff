import defaultTheme from 'vitepress/theme'
import './figures.css'

export default defaultTheme
