/** Handwritten digits: MNIST, USPS, Optdigits. */
import { makeOptdigits } from "../make/optdigits.ts";
import { makeUsps } from "../make/usps.ts";
import { type DataSet, inWork, onGitHub, type RemoteFile } from "../set.ts";

const mnistFile = (path: string, bytes: number, transfer: number, sha256: string): RemoteFile => ({
  path: `${path}.gz`,
  bytes,
  transfer,
  sha256,
  addresses: [
    `https://ossci-datasets.s3.amazonaws.com/mnist/${path}.gz`,
    `https://storage.googleapis.com/cvdf-datasets/mnist/${path}.gz`,
  ],
});

export const mnist: DataSet = {
  name: "mnist",
  what: "handwritten digits, 60,000 + 10,000, 10 classes, 28x28 grey",
  licence: {
    name: "CC BY-SA 3.0",
    terms: "open",
    text: "(c) Yann LeCun and Corinna Cortes, CC BY-SA 3.0 as commonly stated.",
  },
  home: "http://yann.lecun.com/exdb/mnist/ (mirrors are asked)",
  remote: [
    mnistFile(
      "train-images-idx3-ubyte",
      47_040_016,
      9_912_422,
      "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    mnistFile(
      "train-labels-idx1-ubyte",
      60_008,
      28_881,
      "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    mnistFile(
      "t10k-images-idx3-ubyte",
      7_840_016,
      1_648_877,
      "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    mnistFile(
      "t10k-labels-idx1-ubyte",
      10_008,
      4_542,
      "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
  ],
  made: [],
};

/** The text files of "The Elements of Statistical Learning": the label, then 256 grey values in -1..1. */
const uspsText = (part: "train" | "test", transfer: number): RemoteFile => ({
  path: inWork(`zip.${part}.gz`),
  transfer,
  addresses: [
    `https://hastie.su.domains/ElemStatLearn/datasets/zip.${part}.gz`,
    `https://web.stanford.edu/~hastie/ElemStatLearn/datasets/zip.${part}.gz`,
  ],
});

export const usps: DataSet = {
  name: "usps",
  what: "handwritten digits of envelopes, 7,291 + 2,007, 10 classes, 16x16 grey",
  licence: {
    name: "none stated",
    terms: "unstated",
    text: 'Hull (1994), as distributed with "The Elements of Statistical Learning"; no licence is stated.',
  },
  home: "https://hastie.su.domains/ElemStatLearn/data.html",
  remote: [uspsText("train", 1_800_000), uspsText("test", 500_000)],
  made: [
    makeUsps("train", {
      int16: [3_733_008, "b3b1d1af94bc2aceff2b5c97ead290f7d1dfef140f3f0db96a7653fe7ca3f42e"],
      ubyte: [1_866_512, "a40b8bcdcbf9c8c0074f7d1cb49f416b150ddeee30b0722a44b71e57fef04d66"],
      labels: [7_299, "ca21dd4e5a91233d38069e4f468988d3b56f6ce37e1a579a5ad1bd02395488c6"],
    }),
    makeUsps("test", {
      int16: [1_027_600, "097b306a5ecc1376b12b97d0752d3984fdccf49f49440f9557b966a6820776e7"],
      ubyte: [513_808, "2452b00f87cd9d0bc64335a09f4212cb0b78fa1d8f137370fd78a60df26473b8"],
      labels: [2_015, "9d60836db74a1ffe67829f9a2546bd594d5d321f778dbca1578c041da94483a2"],
    }),
  ],
};

const optdigitsText = (name: string, bytes: number, sha256: string): RemoteFile => ({
  path: `optdigits.${name}.gz`,
  bytes,
  sha256,
  addresses: [
    onGitHub("yupinghuang/optical_digits", "e20bac46f63c368613b24b2ff6b24259d791ae51", `data/optdigits.${name}`),
  ],
});

export const optdigits: DataSet = {
  name: "optdigits",
  what: "handwritten digits, 3,823 + 1,797, 10 classes, 8x8 grey, values 0..16",
  licence: {
    name: "CC BY 4.0",
    terms: "open",
    text: "E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository, CC BY 4.0, https://doi.org/10.24432/C50P49.",
  },
  home: "https://archive.ics.uci.edu/dataset/80",
  remote: [
    optdigitsText("tra", 442_086, "a6d20dd0016ea85e8e207860d7b59411b07ddd18981ab250fa0ce37525570ab7"),
    optdigitsText("hol", 121_588, "4e93dfa93f501c29e4b6e1db417db68be20a7acafd85e52939e04369ecde386a"),
    optdigitsText("tes", 264_748, "94d7b3c067125a5f6a6d51cf1dc8e95de7d731e41c7f1e714897330242949464"),
  ],
  made: [
    makeOptdigits("train", ["tra", "hol"], {
      images: [244_688, "4c1b3e001c617c49df662e212afe65f228fbfbe6197a817adc776ec71de11707"],
      labels: [3_831, "8efd46ba523e1ce034de771c7712183a9dab51767844532c1e8d194f48bd300c"],
    }),
    makeOptdigits("test", ["tes"], {
      images: [115_024, "359cd13f0f514122884198b78a131df597421cbf5e93a76678fa96fc548f0d96"],
      labels: [1_805, "ce71631c1f31ce56fa54f31d1d498fafacff59b001e6c30c4a5e29508aa277ad"],
    }),
  ],
};
