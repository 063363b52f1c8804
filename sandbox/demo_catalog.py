"""What the demo's merchant sells: names in Spanish and Portuguese, cost in US dollars, options."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Line:
    """A product of the range. `options` are attribute values (`COLOR` or `SIZE`), each a SKU of its own."""

    code: str
    es: str
    pt: str
    cost: Decimal
    attribute: str = ""
    options: tuple[tuple[str, str, str], ...] = ()  # suffix of the SKU, Spanish, Portuguese


COLOURS = (("NG", "Negro", "Preto"), ("BL", "Blanco", "Branco"), ("RJ", "Rojo", "Vermelho"), ("AZ", "Azul", "Azul"))
WOODS = (("NT", "Natural", "Natural"), ("NG", "Negro", "Preto"))
SIZES = (("S", "S", "P"), ("M", "M", "M"), ("L", "L", "G"), ("XL", "XL", "GG"))
SHOES = tuple((str(size), str(size), str(size - 1)) for size in range(38, 44))


def _plain(code: str, es: str, pt: str, cost: str) -> Line:
    return Line(code, es, pt, Decimal(cost))


def _coloured(code: str, es: str, pt: str, cost: str, many: int = 3) -> Line:
    return Line(code, es, pt, Decimal(cost), "COLOR", COLOURS[:many])


def _sized(code: str, es: str, pt: str, cost: str, sizes: tuple[tuple[str, str, str], ...] = SIZES) -> Line:
    return Line(code, es, pt, Decimal(cost), "SIZE", sizes)


RANGE = (
    _coloured("COC-0101", "Taza de cerámica esmaltada 350 ml", "Caneca de cerâmica esmaltada 350 ml", "2.40"),
    _plain("COC-0102", "Set x6 platos playos de porcelana 26 cm", "Jogo 6 pratos rasos de porcelana 26 cm", "14.90"),
    _plain("COC-0103", "Sartén antiadherente de granito 24 cm", "Frigideira antiaderente granito 24 cm", "9.80"),
    _plain("COC-0104", "Sartén antiadherente de granito 28 cm", "Frigideira antiaderente granito 28 cm", "11.60"),
    _plain("COC-0105", "Olla a presión de aluminio 6 litros", "Panela de pressão de alumínio 6 litros", "21.50"),
    _coloured("COC-0106", "Botella térmica de acero 750 ml", "Garrafa térmica de aço 750 ml", "6.70", 4),
    _coloured("COC-0107", "Termo media manija 1 litro acero inoxidable", "Garrafa térmica 1 litro aço inox", "11.20"),
    _plain("COC-0108", "Mate imperial de calabaza con virola", "Cuia de chimarrão com bocal de alpaca", "8.30"),
    _plain("COC-0109", "Cafetera italiana 6 pocillos aluminio", "Cafeteira italiana 6 xícaras alumínio", "7.90"),
    _plain("COC-0110", "Juego de cubiertos de acero 24 piezas", "Faqueiro de aço inox 24 peças", "12.40"),
    _plain("COC-0111", "Tabla de picar de bambú 40 x 30 cm", "Tábua de corte de bambu 40 x 30 cm", "5.60"),
    _plain("COC-0112", "Balanza digital de cocina 10 kg", "Balança digital de cozinha 10 kg", "4.10"),
    _coloured(
        "ELE-0201", "Auriculares bluetooth in-ear con estuche", "Fone de ouvido bluetooth in-ear com estojo", "7.20"
    ),
    _coloured("ELE-0202", "Parlante bluetooth portátil 10 W", "Caixa de som bluetooth portátil 10 W", "9.40", 2),
    _plain("ELE-0203", "Cargador USB-C 20 W carga rápida", "Carregador USB-C 20 W carga rápida", "3.80"),
    _plain("ELE-0204", "Cable USB-C a USB-C 2 metros reforzado", "Cabo USB-C para USB-C 2 metros reforçado", "1.70"),
    _plain(
        "ELE-0205",
        "Teclado mecánico retroiluminado switch rojo",
        "Teclado mecânico retroiluminado switch vermelho",
        "24.30",
    ),
    _coloured(
        "ELE-0206", "Mouse inalámbrico recargable silencioso", "Mouse sem fio recarregável silencioso", "5.20", 2
    ),
    _plain("ELE-0207", "Cámara web full HD 1080p con micrófono", "Webcam full HD 1080p com microfone", "11.90"),
    _plain(
        "ELE-0208", "Soporte de aluminio para notebook plegable", "Suporte de alumínio dobrável para notebook", "6.10"
    ),
    _plain("ELE-0209", "Batería externa 20000 mAh doble USB", "Carregador portátil 20000 mAh duplo USB", "12.80"),
    _plain("ELE-0210", "Foco LED inteligente wifi 9 W RGB", "Lâmpada LED inteligente wifi 9 W RGB", "4.60"),
    _plain("ELE-0211", "Enchufe inteligente wifi 16 A", "Tomada inteligente wifi 16 A", "5.30"),
    _plain("ELE-0212", "Tira LED 5 metros RGB con control", "Fita LED 5 metros RGB com controle", "4.90"),
    _sized("TEX-0301", "Remera básica de algodón peinado", "Camiseta básica de algodão penteado", "4.30"),
    _sized("TEX-0302", "Buzo canguro con capucha friza", "Moletom canguru com capuz", "12.70"),
    _sized("TEX-0303", "Calza deportiva de lycra tiro alto", "Legging esportiva cintura alta", "7.10"),
    _coloured("TEX-0304", "Juego de sábanas 144 hilos 2 plazas", "Jogo de lençol casal 144 fios", "13.80"),
    _coloured("TEX-0305", "Toallón de algodón 500 g 70 x 140", "Toalha de banho algodão 500 g 70 x 140", "6.60", 4),
    _plain("TEX-0306", "Acolchado de plumón sintético queen", "Edredom queen plumas sintéticas", "27.90"),
    _plain("TEX-0307", "Cortina blackout 2 paños 140 x 220", "Cortina blackout 2 folhas 140 x 220", "15.20"),
    _sized("CAL-0401", "Zapatillas urbanas de lona", "Tênis urbano de lona", "13.90", SHOES),
    _sized(
        "CAL-0402",
        "Ojotas de goma con plantilla acolchada",
        "Chinelo de borracha com palmilha macia",
        "4.40",
        SHOES[:4],
    ),
    _plain("HOG-0501", "Organizador de ropa plegable x3", "Organizador de roupas dobrável x3", "7.70"),
    Line(
        "HOG-0502",
        "Repisa flotante de pino 60 cm",
        "Prateleira flutuante de pinus 60 cm",
        Decimal("6.90"),
        "COLOR",
        WOODS,
    ),
    _plain("HOG-0503", "Perchero de pie metálico con ruedas", "Arara de roupas metálica com rodinhas", "17.30"),
    _plain("HOG-0504", "Lámpara de escritorio LED articulada", "Luminária de mesa LED articulada", "10.40"),
    _plain("HOG-0505", "Espejo redondo marco negro 60 cm", "Espelho redondo moldura preta 60 cm", "16.80"),
    _plain("HOG-0506", "Aspiradora de mano inalámbrica", "Aspirador de pó portátil sem fio", "22.60"),
    _plain("HOG-0507", "Humidificador ultrasónico 2,5 litros", "Umidificador ultrassônico 2,5 litros", "13.10"),
    _plain("HOG-0508", "Ventilador de pie 20 pulgadas", "Ventilador de coluna 50 cm", "29.40"),
    _coloured("JUG-0601", "Mochila escolar reforzada 17 litros", "Mochila escolar reforçada 17 litros", "9.90"),
    _plain("JUG-0602", "Bloques de construcción 500 piezas", "Blocos de montar 500 peças", "11.40"),
    _plain("JUG-0603", "Rompecabezas 1000 piezas paisaje", "Quebra-cabeça 1000 peças paisagem", "6.20"),
    _plain("JUG-0604", "Pelota de fútbol n.º 5 cosida", "Bola de futebol nº 5 costurada", "7.50"),
    _coloured("DEP-0701", "Colchoneta de yoga 6 mm antideslizante", "Tapete de yoga 6 mm antiderrapante", "6.30"),
    _plain("DEP-0702", "Par de mancuernas 5 kg revestidas", "Par de halteres 5 kg emborrachados", "15.60"),
    _plain("DEP-0703", "Soga de saltar con rulemanes", "Corda de pular com rolamento", "2.60"),
    _plain("DEP-0704", "Bandas elásticas de resistencia x5", "Faixas elásticas de resistência x5", "3.90"),
    _plain("DEP-0705", "Carpa iglú para 4 personas", "Barraca iglu para 4 pessoas", "33.70"),
    _plain("HER-0801", "Taladro percutor 13 mm 750 W", "Furadeira de impacto 13 mm 750 W", "31.80"),
    _plain("HER-0802", "Juego de destornilladores de precisión x32", "Jogo de chaves de precisão 32 peças", "5.80"),
    _plain(
        "HER-0803", "Caja de herramientas plástica 16 pulgadas", "Caixa de ferramentas plástica 16 polegadas", "8.60"
    ),
    _plain("HER-0804", "Cinta métrica 8 metros con freno", "Trena 8 metros com trava", "2.90"),
    _plain("MAS-0901", "Cucha térmica para perro mediano", "Casinha térmica para cachorro médio", "24.10"),
    _plain("MAS-0902", "Rascador para gatos con dos niveles", "Arranhador para gatos dois andares", "16.40"),
    _coloured(
        "MAS-0903", "Arnés regulable para perro talle M", "Peitoral regulável para cachorro tamanho M", "4.70", 2
    ),
)
