// The demo province: three centers of Gansu, each with two rooms of four seats.
const SEATS_PER_ROOM = 4;

const sites = [
    { id: "lanzhou", city: "兰州", name: "甘肃省公共资源交易中心（兰州）", short: "兰州", district: "兰州市", longitude: 103.834, latitude: 36.061 },
    { id: "tianshui", city: "天水", name: "天水市公共资源交易中心", short: "天水", district: "天水市", longitude: 105.725, latitude: 34.581 },
    { id: "jiuquan", city: "酒泉", name: "酒泉市公共资源交易中心", short: "酒泉", district: "酒泉市", longitude: 98.494, latitude: 39.732 },
];

export const centers = sites.map((site) => ({
    ...site,
    rooms: [1, 2].map((number) => ({
        id: `${site.id}-r${number}`,
        name: `第${number === 1 ? "一" : "二"}评标室`,
        seats: Array.from({ length: SEATS_PER_ROOM }, (_, index) => ({
            id: `${site.id}-r${number}-s${String(index + 1).padStart(2, "0")}`,
            name: `${number}-${index + 1}号机位`,
        })),
    })),
}));

export const agencies = [
    { code: "A620001", login: "agency", display: "甘肃陇原招标代理有限公司" },
    { code: "A620002", login: "agency2", display: "天水诚信工程咨询有限公司" },
];

export const tradingSystems = [{ id: "gansu-ets", name: "甘肃省电子交易系统" }];
