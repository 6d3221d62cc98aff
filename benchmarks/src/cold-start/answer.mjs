// Answers one question with a saved model, as a service that has just been started does.
import { Recommender } from '@gnnrec/serving'

const [folder, user] = process.argv.slice(2)
const recommender = await Recommender.load(folder)
const { items } = recommender.recommend(Number(user), { k: 20 })
const peakMb = process.resourceUsage().maxRSS / 1024
process.stdout.write(JSON.stringify({ items, peakMb }))
